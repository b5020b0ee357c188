#pragma once
// The funnels of many visitors at once, in bounded memory. Events are noted in some bytes each, by
// the top of their visitors' hashes; then one such part after the other is gone through, whose
// visitors find room in the processor's cache. Where the notes would be too many they are gone
// through early, and only who has begun is kept; with a window that is not enough to go on.

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "query/funnel.h"
#include "query/partial.h"

namespace millimetric::query {

// A funnel whose visitors do not fit into memory at once is gone through in so many passes at most:
// more would take minutes.
inline constexpr std::uint32_t max_funnel_passes = 1024;
// What a funnel is told that would need more.
[[nodiscard]] error too_many_visitors();

class funnel_table {
 public:
  // Events and visitors who have begun in memory at once, at most, as a rule: 28 MB. Where they are
  // more the question is answered in several passes, each for some of the visitors.
  static constexpr std::size_t max_events = 28UL * 1024 * 1024 / 16;
  // Memory of one part's visitors at most, who are some hundredth of all as a rule.
  static constexpr std::size_t max_bytes = 16UL * 1024 * 1024;

  explicit funnel_table(const funnel_question& q, std::size_t most_events = max_events)
      : shape_{q.steps.size(), q.window}, most_events_(most_events) {}

  // The number of a group's value.
  // @return invalid_params when there are more than max_groups, or their values are too long.
  [[nodiscard]] result<std::uint32_t> group(const std::optional<std::string>& key);

  // The next events, in order, of groups that have a number. Two visitors of one hash count as one:
  // among a million, the odds of any such pair are one in 37 million. False when there are too many
  // for the memory.
  [[nodiscard]] bool add(std::span<const funnel_event> events);

  // Memory of so many events, or visitors who have begun, in bytes; and of those of the pass.
  [[nodiscard]] static constexpr std::size_t bytes_of(std::size_t events) noexcept {
    return events * sizeof(note);
  }
  [[nodiscard]] std::size_t noted_bytes() const noexcept { return bytes_of(events_ + begun_); }

  // Counts the visitors of the pass and forgets its events; groups stay, for a further pass. False
  // when there are too many visitors for the memory.
  [[nodiscard]] bool count();
  // Forgets the events of the pass, and what was counted of them.
  void drop_pass() noexcept;
  // The groups with somebody in them, by key.
  [[nodiscard]] funnel_partial take();

 private:
  static constexpr std::size_t parts = 128;
  static constexpr std::size_t block_notes = 512;
  static constexpr std::uint32_t block_runs = 1024;
  static constexpr int part_shift = 57;  // what is left of a hash numbers the parts
  static_assert(max_groups <= 0x10000 && max_funnel_steps <= 16, "both fit in a note");

  struct note {
    std::uint64_t visitor;
    std::uint32_t since;  // milliseconds since the stretch's first
    std::uint16_t group;
    std::uint16_t fits;
  };
  using block = std::array<note, block_notes>;
  // Notes of one block whose times are near enough to the first's. Few notes over many years are
  // many of these, in as few blocks as any others.
  struct stretch {
    note* notes = nullptr;
    std::uint32_t used = 0;
    std::uint32_t room = 0;  // to the block's end
    millis first = 0;
  };
  // A visitor of a part who has begun. As small as can be: the table of a part is hardly ever in
  // the processor's nearest cache.
  struct entry {
    std::uint64_t visitor : part_shift;       // the lower bits of the hash
    std::uint64_t reached : 64 - part_shift;  // steps, with a window 1; 0: nobody's
    std::uint64_t last : 48;   // when the last step was; with a window, the number of the run
    std::uint64_t group : 16;  // of the first step
  };
  static_assert(sizeof(entry) == sizeof(note) && end_of_time < millis{1} << 48);
  // Visitors of a part who have begun, between two times that its events are gone through. In
  // blocks as large as those of notes, whose place they take: one piece of memory for all of them
  // would come on top, since what is freed of one part lies scattered among the others'.
  struct begun_visitors {
    using block = std::array<entry, block_notes>;
    std::vector<std::unique_ptr<block>> blocks;
    std::size_t count = 0;
    void add(const entry& e);
    [[nodiscard]] const entry& operator[](std::size_t i) const noexcept {
      return (*blocks[i / block_notes])[i % block_notes];
    }
  };
  static_assert(sizeof(begun_visitors::block) == sizeof(block));
  struct part {
    std::vector<std::unique_ptr<block>> blocks;
    std::vector<stretch> stretches;
    begun_visitors begun;
  };

  // A new last stretch for a note of this time.
  [[nodiscard]] stretch& add_stretch(std::size_t part, millis at);
  // Goes through all events so far and keeps who has begun. False when there is not enough memory
  // to go on with so many events.
  [[nodiscard]] bool make_room(std::size_t events);
  // Goes through the events of a part; its visitors are in the table then.
  [[nodiscard]] bool count_part(std::size_t number);
  // Instead of its events, which were gone through.
  void keep_begun(part& p) const;
  // Without a window. False when there is no memory for so many visitors, as of the others.
  [[nodiscard]] bool go_through(const part& p);
  // Where there is room for as many visitors more.
  void go_through_with_room(const stretch& s);
  // With one, in two rounds.
  [[nodiscard]] bool go_through_in_window(const part& p);
  [[nodiscard]] bool look(const stretch& s);
  void take_steps(const stretch& s);
  // A table of those who have begun, with room for the visitors of so many events as far as it is
  // likely to be used. False when there is no memory for it.
  [[nodiscard]] bool prepare(const begun_visitors& known, std::size_t notes);
  // False when there is no memory for more.
  [[nodiscard]] bool grow();
  [[nodiscard]] static constexpr std::uint64_t lower_bits(std::uint64_t visitor) noexcept {
    return visitor & ((std::uint64_t{1} << part_shift) - 1);
  }
  // The visitor's entry, or the free one for them.
  [[nodiscard]] entry& find(std::uint64_t visitor) noexcept;
  // Without a window: a further step.
  void advance(entry& of, millis at);
  [[nodiscard]] std::size_t words() const noexcept { return windowed_run::words(shape_.steps); }
  [[nodiscard]] windowed_run run_of(const entry& of) {
    const std::size_t number = of.last;
    return {shape_, runs_[number / block_runs].data() + number % block_runs * words()};
  }

  funnel_shape shape_;
  std::size_t most_events_;
  std::array<part, parts> parts_;
  std::array<stretch*, parts> last_{};  // of each part
  std::size_t events_ = 0;              // of the pass, noted
  std::size_t begun_ = 0;               // visitors of the pass who are kept
  std::vector<entry> entries_;          // of the part that is gone through: a power of two, or none
  std::size_t visitors_ = 0;
  std::vector<std::vector<std::int64_t>> runs_;  // with a window: words() each, in blocks
  std::map<std::optional<std::string>, std::uint32_t> numbers_;
  std::vector<funnel_group> groups_;   // of the pass
  std::vector<funnel_group> counted_;  // of all passes before
  std::size_t key_bytes_ = 0;          // of the groups' values
};

}  // namespace millimetric::query
