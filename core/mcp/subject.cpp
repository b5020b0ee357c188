#include "mcp/subject.h"

#include <algorithm>

#include "base/text.h"
#include "json/writer.h"

namespace millimetric::mcp {
namespace {

using control::project;
using query::selection;

constexpr std::size_t most_named = 10;  // projects, in a message

const project* find(const std::vector<project>& visible, std::string_view name, bool by_slug) {
  const auto found = std::find_if(visible.begin(), visible.end(), [&](const project& p) {
    return (by_slug ? p.slug : p.id) == name;
  });
  return found == visible.end() ? nullptr : &*found;
}

// Names every project that is not seen, and says of those named by the other name how to name them.
error unseen(const std::vector<project>& visible, const std::vector<std::string>& names,
             bool by_slug) {
  std::string message = "This key sees no project with the " +
                        std::string(by_slug ? "slug" : "id") + (names.size() > 1 ? "s " : " ");
  std::string hints;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == most_named) {
      message += " and " + std::to_string(names.size() - i) + " more";
      break;
    }
    const std::string quoted = json::quoted(shortened(names[i]));
    message += (i > 0 ? ", " : "") + quoted;
    const project* const meant = find(visible, names[i], !by_slug);
    if (meant == nullptr) continue;
    hints += " " + quoted +
             (by_slug ? " is an id: give it as project_id."
                      : " is the slug of " + json::quoted(meant->id) + ".");
  }
  return {by_slug ? error_code::unknown_project_slug : error_code::unknown_project_id,
          message + "; call list_projects for those it sees." + hints};
}

result<answer::subject> pick(const std::vector<project>& visible, const selection& wanted) {
  answer::subject out;
  if (wanted.how == selection::by::all) {
    out.projects = visible;
    return out;
  }
  const bool by_slug = wanted.how == selection::by::slug;
  std::vector<std::string> missing;
  for (const std::string& name : wanted.names) {
    if (const project* found = find(visible, name, by_slug))
      out.projects.push_back(*found);
    else
      missing.push_back(name);
  }
  if (!missing.empty()) return fail(unseen(visible, missing, by_slug));
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
