#include "event/referrer_hosts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "event/referrer_app_facts.h"
#include "event/referrer_host_facts.h"

namespace millimetric::event {
namespace {

using namespace host_facts;

constexpr auto npos = std::string_view::npos;

// Where the registrable part of a host begins: its last two labels, or three below suffixes
// such as "co.uk" and "ne.jp". Not the public suffix list, only as much as these brands need.
constexpr std::size_t registrable_start(std::string_view host) noexcept {
  const std::size_t tld_dot = host.rfind('.');
  if (tld_dot == npos || tld_dot == 0) return 0;
  const std::size_t second_dot = host.rfind('.', tld_dot - 1);
  if (second_dot == npos) return 0;
  const std::string_view second = host.substr(second_dot + 1, tld_dot - second_dot - 1);
  const bool country = host.size() - tld_dot - 1 == 2;
  const bool generic = second == "co" || second == "com" || second == "ne" || second == "org" ||
                       second == "net" || second == "or" || second == "edu";
  if (!country || !generic || second_dot == 0) return second_dot + 1;
  const std::size_t third_dot = host.rfind('.', second_dot - 1);
  return third_dot == npos ? 0 : third_dot + 1;
}

constexpr std::string_view first_label(std::string_view domain) noexcept {
  return domain.substr(0, domain.find('.'));
}

// FNV-1a, fed from the end of a name to its beginning so that one pass over a host yields the
// hashes of all its parent domains.
constexpr std::uint32_t hash_seed = 2166136261u;
constexpr std::uint32_t hash_step(std::uint32_t hash, char c) noexcept {
  return (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
}

// A domain of `facts`: where it is written and the hash of its name. At run time half of the hash
// is enough.
template <class Hash>
struct basic_entry {
  Hash hash;
  std::uint16_t start;
  std::uint8_t line;
  std::uint8_t size;
};
using full_entry = basic_entry<std::uint32_t>;
using entry = basic_entry<std::uint16_t>;

constexpr std::uint16_t upper_half(std::uint32_t hash) noexcept {
  return static_cast<std::uint16_t>(hash >> 16);
}

constexpr std::size_t count_domains() noexcept {
  std::size_t count = 0;
  for (const fact& line : facts) {
    ++count;
    for (const char c : line.domains) count += c == ' ';
  }
  return count;
}

constexpr full_entry make_entry(std::size_t line, std::size_t start, std::size_t end) noexcept {
  std::uint32_t hash = hash_seed;
  for (std::size_t i = end; i > start; --i) hash = hash_step(hash, facts[line].domains[i - 1]);
  return {hash, static_cast<std::uint16_t>(start), static_cast<std::uint8_t>(line),
          static_cast<std::uint8_t>(end - start)};
}
static_assert(std::size(facts) <= 256);

// All domains of `facts`, sorted by hash: comparing numbers keeps the work within the steps that
// compilers allow at compile time. (Shell sort: std::sort is not constexpr in every library.)
constexpr auto make_full_entries() noexcept {
  std::array<full_entry, count_domains()> entries{};
  std::size_t count = 0;
  for (std::size_t line = 0; line < std::size(facts); ++line) {
    const std::string_view domains = facts[line].domains;
    for (std::size_t start = 0, i = 0; i <= domains.size(); ++i) {
      if (i < domains.size() && domains[i] != ' ') continue;
      entries[count++] = make_entry(line, start, i);
      start = i + 1;
    }
  }
  for (const std::size_t gap : {701, 301, 132, 57, 23, 10, 4, 1}) {
    for (std::size_t i = gap; i < count; ++i) {
      const full_entry moved = entries[i];
      std::size_t j = i;
      for (; j >= gap && moved.hash < entries[j - gap].hash; j -= gap) {
        entries[j] = entries[j - gap];
      }
      entries[j] = moved;
    }
  }
  return entries;
}

constexpr auto full_entries = make_full_entries();

constexpr auto entries = [] {
  std::array<entry, full_entries.size()> halved{};
  for (std::size_t i = 0; i < halved.size(); ++i) {
    const full_entry& e = full_entries[i];
    halved[i] = {upper_half(e.hash), e.start, e.line, e.size};
  }
  return halved;
}();

constexpr bool strictly_sorted() noexcept {
  for (std::size_t i = 1; i < full_entries.size(); ++i) {
    if (full_entries[i - 1].hash >= full_entries[i].hash) return false;
  }
  for (std::size_t i = 1; i < std::size(brands); ++i) {
    if (brands[i - 1].label >= brands[i].label) return false;
  }
  return true;
}
static_assert(strictly_sorted(), "a domain is listed twice, or the brands are out of order");

// Calls `accepts` with each label of `subdomain` until one is accepted.
template <class Predicate>
bool any_label(std::string_view subdomain, Predicate accepts) noexcept {
  while (!subdomain.empty()) {
    const std::string_view label = first_label(subdomain);
    if (accepts(label)) return true;
    subdomain.remove_prefix(std::min(subdomain.size(), label.size() + 1));
  }
  return false;
}

bool is_search_label(std::string_view label) noexcept {
  if (label == "research") return false;
  return std::any_of(std::begin(search_words), std::end(search_words),
                     [&](std::string_view word) { return label.find(word) != npos; });
}

bool is_listed(std::string_view label, std::string_view spaced_list) noexcept {
  for (std::size_t at = spaced_list.find(label); at != npos; at = spaced_list.find(label, at + 1)) {
    const bool starts = at == 0 || spaced_list[at - 1] == ' ';
    const std::size_t end = at + label.size();
    if (starts && (end == spaced_list.size() || spaced_list[end] == ' ')) return true;
  }
  return false;
}

bool is_mail_label(std::string_view label) noexcept {
  return label == "mail" || label == "webmail";
}

// Whether the label is this name, or this name and a number: "webmail", "webmail2".
bool is_numbered(std::string_view label, std::string_view name) noexcept {
  return label.substr(0, name.size()) == name &&
         label.find_first_not_of("0123456789", name.size()) == npos;
}

// A front page, possibly that of a country or for phones: "", "www2", "m", "de".
bool is_home(std::string_view subdomain) noexcept {
  return subdomain.size() <= 2 || subdomain.substr(0, 3) == "www";
}

bool in_scope(scope applies, std::string_view subdomain) noexcept {
  switch (applies) {
    case scope::all: return true;
    case scope::home: return is_home(subdomain) || any_label(subdomain, is_search_label);
    case scope::portal: return any_label(subdomain, is_search_label);
    case scope::none: break;
  }
  return false;
}

// What precedes the last `size` characters of the host and the dot before them.
std::string_view subdomain_of(std::string_view host, std::size_t size) noexcept {
  return host.size() > size ? host.substr(0, host.size() - size - 1) : std::string_view();
}

std::string_view domain_of(const entry& e) noexcept {
  return facts[e.line].domains.substr(e.start, e.size);
}

// The entry of exactly this domain, whose hash is given.
const entry* find_entry(std::string_view domain, std::uint32_t hash) noexcept {
  const std::uint16_t half = upper_half(hash);
  auto found = std::lower_bound(entries.begin(), entries.end(), half,
                                [](const entry& e, std::uint16_t h) { return e.hash < h; });
  for (; found != entries.end() && found->hash == half; ++found) {
    if (domain_of(*found) == domain) return &*found;
  }
  return nullptr;
}

// The entry of the host or else of its nearest listed parent domain.
const entry* find_nearest_entry(std::string_view host) noexcept {
  const entry* nearest = nullptr;
  std::uint32_t hash = hash_seed;
  for (std::size_t i = host.size(); i > 0; --i) {
    hash = hash_step(hash, host[i - 1]);
    if (i > 1 && host[i - 2] != '.') continue;
    if (const entry* found = find_entry(host.substr(i - 1), hash)) nearest = found;
  }
  return nearest;
}

known_host describe(const entry& e) noexcept {
  const fact& line = facts[e.line];
  const std::string_view domain = domain_of(e);
  if (line.name == "=") return {domain, line.kind};
  if (!line.name.empty()) return {line.name, line.kind};
  return {first_label(domain.substr(registrable_start(domain))), line.kind};
}

// The brand registered under some country's suffix, or under .com or .cat.
std::optional<known_host> find_brand(std::string_view host) noexcept {
  const std::string_view registrable = host.substr(registrable_start(host));
  const std::string_view label = first_label(registrable);
  const std::string_view tld = registrable.substr(registrable.rfind('.') + 1);
  if (tld.size() != 2 && tld != "com" && tld != "cat") return std::nullopt;

  const auto found =
      std::lower_bound(std::begin(brands), std::end(brands), label,
                       [](const brand& b, std::string_view l) { return b.label < l; });
  if (found == std::end(brands) || found->label != label) return std::nullopt;
  const std::string_view subdomain = subdomain_of(host, registrable.size());
  if (any_label(subdomain, is_mail_label)) return known_host{"email", email};
  const bool listed = found->subdomains.empty() || subdomain.empty() ||
                      any_label(subdomain, [&](std::string_view part) {
                        return part.substr(0, 3) == "www" || is_listed(part, found->subdomains);
                      });
  if (!listed || !in_scope(found->applies, subdomain)) return std::nullopt;
  return known_host{found->name, found->kind};
}

}  // namespace

std::optional<known_host> find_known_host(std::string_view host) noexcept {
  if (is_numbered(first_label(host), "webmail") && host.find('.') != npos) {
    return known_host{"email", email};
  }
  if (const entry* found = find_nearest_entry(host)) {
    const scope applies = facts[found->line].applies;
    if (in_scope(applies, subdomain_of(host, found->size))) return describe(*found);
    if (applies == scope::none) return std::nullopt;
  }
  if (const auto found = find_brand(host)) return found;
  for (const known_host& software : fediverse_labels) {
    const bool runs_here = any_label(host.substr(0, host.rfind('.')), [&](std::string_view label) {
      return label == software.name;
    });
    if (runs_here) return known_host{software.name == "mstdn" ? "mastodon" : software.name, social};
  }
  // Some browsers report an application as if its package name were a web host.
  for (const app& known : apps) {
    if (known.package == host) return known.host;
  }
  return std::nullopt;
}

bool is_named_like_webmail(std::string_view host) noexcept {
  if (registrable_start(host) == 0) return false;  // a site of that name
  const std::string_view label = first_label(host);
  return is_numbered(label, "mail") || label == "email" || label.substr(0, 7) == "webmail";
}

std::optional<known_host> find_known_app(std::string_view name) noexcept {
  const app* best = nullptr;
  for (const app& known : apps) {
    const bool family = known.package.back() == '.';
    const bool fits =
        family ? name.substr(0, known.package.size()) == known.package : name == known.package;
    if (fits && (best == nullptr || known.package.size() > best->package.size())) best = &known;
  }
  return best ? std::optional(best->host) : find_known_host(name);
}

}  // namespace millimetric::event
