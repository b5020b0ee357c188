#include "mcp/subject.h"

#include <algorithm>

#include "base/text.h"
#include "json/writer.h"

namespace millimetric::mcp {
namespace {

using control::project;
using query::selection;

result<answer::subject> pick(const std::vector<project>& visible, const selection& wanted) {
  answer::subject out;
  if (wanted.how == selection::by::all) {
    out.projects = visible;
    return out;
  }
  const bool by_slug = wanted.how == selection::by::slug;
  for (const std::string& name : wanted.names) {
    const auto found = std::find_if(visible.begin(), visible.end(), [&](const project& p) {
      return (by_slug ? p.slug : p.id) == name;
    });
    if (found != visible.end()) {
      out.projects.push_back(*found);
      continue;
    }
    return fail(by_slug ? error_code::unknown_project_slug : error_code::unknown_project_id,
                "This key sees no project with the " + std::string(by_slug ? "slug" : "id") + " " +
                    json::quoted(shortened(name)) + "; call list_projects for those it sees.");
  }
  return out;
}

}  // namespace

host::task<result<answer::subject>> choose_projects(host::context& ctx, const session& s,
                                                    selection wanted) {
  auto chosen = pick(s.who->projects, wanted);
  if (!chosen || chosen->projects.empty()) {  // what is refused is not refused from memory
    auto fresh = co_await s.keys.verify(ctx, s.key, control::freshness::from_storage);
    if (!fresh) co_return fail(fresh.error());
    chosen = pick((*fresh)->projects, wanted);
  }
  if (chosen && chosen->projects.empty())
    co_return fail(error_code::no_projects_visible,
                   "This key sees no project, so there is no data to ask for. Create a project, or "
                   "use a key that sees one.");
  co_return chosen;
}

}  // namespace millimetric::mcp
