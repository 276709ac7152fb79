// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/filter_set.hpp"

#include "lib/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <re2/re2.h>
#include <re2/set.h>
#include <utility>
#include <vector>

namespace hamlet {

namespace {

constexpr std::size_t max_pattern = 400; // octets
constexpr std::int64_t own_memory = 512
                                    << 10;   // of one pattern: its program and what matching keeps
constexpr std::int64_t set_memory = 8 << 20; // of all of them together

constexpr std::array<std::pair<filter_action, std::string_view>, 5> actions{
  {{filter_action::report, "report"},
   {filter_action::warn, "warn"},
   {filter_action::block, "block"},
   {filter_action::shun, "shun"},
   {filter_action::kill, "kill"}}};

RE2::Options options(std::int64_t memory) {
  RE2::Options x;
  x.set_max_mem(memory);
  x.set_case_sensitive(false);
  x.set_log_errors(false);
  return x;
}

re2::StringPiece piece(std::string_view x) {
  return {x.data(), x.size()};
}

/// How many of the next characters are digits of this kind, `most` at most.
template <class Is>
std::size_t run_of(std::string_view text, std::size_t most, Is is) {
  auto end = std::find_if_not(
    text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(most, text.size())), is);
  return static_cast<std::size_t>(end - text.begin());
}

/// Of a colour: "04", "4,12"; a comma belongs to it only with a digit behind.
template <class Is>
std::size_t colour_size(std::string_view text, std::size_t most, Is is) {
  auto size = run_of(text, most, is);
  if (size == 0 || size == text.size() || text[size] != ',')
    return size;
  auto back = run_of(text.substr(size + 1), most, is);
  return back == 0 ? size : size + 1 + back;
}

} // namespace

std::string_view to_string(filter_action x) {
  return std::ranges::find(actions, x, &decltype(actions)::value_type::first)->second;
}

std::optional<filter_action> filter_action_of(std::string_view word) {
  auto found = std::ranges::find(actions, word, &decltype(actions)::value_type::second);
  return found == actions.end() ? std::nullopt : std::optional{found->first};
}

std::uint32_t filter_bits(std::string_view letters) {
  std::uint32_t bits = 0;
  for (auto x : letters) {
    auto at = filter_places.find(x);
    if (at == filter_places.npos)
      return 0;
    bits |= 1u << at;
  }
  return bits;
}

std::string filter_letters(std::uint32_t bits) {
  std::string out;
  for (std::size_t i = 0; i < filter_places.size(); ++i)
    if ((bits >> i & 1u) != 0)
      out += filter_places[i];
  return out;
}

std::string without_formatting(std::string_view text) {
  auto is_hex = [](char x) {
    return ascii::is_digit(x) || (ascii::lower(x) >= 'a' && ascii::lower(x) <= 'f');
  };
  constexpr std::string_view toggles = "\x02\x0f\x11\x16\x1d\x1e\x1f";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto rest = text.substr(i + 1);
    if (text[i] == '\x03')
      i += colour_size(rest, 2, ascii::is_digit);
    else if (text[i] == '\x04')
      i += colour_size(rest, 6, is_hex);
    else if (toggles.find(text[i]) == toggles.npos)
      out += text[i];
  }
  return out;
}

struct filter_set::patterns {
  struct row {
    filter_hit hit;
    std::uint32_t places;
    std::unique_ptr<RE2> pattern;
  };
  std::vector<row> rows;
  /// All patterns at once, each at its row. Null: together they are too large, and each is tried.
  std::unique_ptr<RE2::Set> all;
  std::uint32_t places = 0; ///< where any of them looks

  void find(std::string_view text, std::uint32_t place, const row*& best) const {
    auto take = [&](const row& x) {
      if (best == nullptr || x.hit.action > best->hit.action
          || (x.hit.action == best->hit.action && x.hit.id < best->hit.id))
        best = &x;
    };
    if (all) {
      std::vector<int> found;
      RE2::Set::ErrorInfo error{RE2::Set::kNoError};
      auto fits = all->Match(piece(text), &found, &error);
      if (fits || error.kind == RE2::Set::kNoError) {
        for (auto i : found)
          if (auto& x = rows[static_cast<std::size_t>(i)]; (x.places & place) != 0)
            take(x);
        return;
      } // else matching would have needed more memory
    }
    for (auto& x : rows)
      if ((x.places & place) != 0 && RE2::PartialMatch(piece(text), *x.pattern))
        take(x);
  }
};

filter_set::filter_set(std::span<const chat::v1::Filter> filters) {
  auto out = std::make_unique<patterns>();
  out->all = std::make_unique<RE2::Set>(options(set_memory), RE2::UNANCHORED);
  for (auto& x : filters) {
    auto pattern = std::make_unique<RE2>(x.pattern(), options(own_memory));
    auto action = filter_action_of(x.action());
    auto places = filter_bits(x.targets());
    if (!pattern->ok() || !action || places == 0)
      continue;
    if (out->all->Add(piece(x.pattern()), nullptr) < 0)
      continue;
    out->places |= places;
    out->rows.push_back({{*action, x.reason(), x.id()}, places, std::move(pattern)});
  }
  if (out->rows.size() < 2 || !out->all->Compile())
    out->all.reset();
  patterns_ = std::move(out);
}

filter_set::~filter_set() = default;

bool filter_set::is_empty() const {
  return patterns_->rows.empty();
}

std::optional<filter_hit> filter_set::find(std::string_view text, char place) const {
  auto bit = filter_bits({&place, 1});
  if ((patterns_->places & bit) == 0)
    return std::nullopt;
  const patterns::row* best = nullptr;
  patterns_->find(text, bit, best);
  if (auto plain = without_formatting(text); plain.size() != text.size())
    patterns_->find(plain, bit, best);
  return best == nullptr ? std::nullopt : std::optional{best->hit};
}

std::optional<std::string> filter_set::check(const std::string& pattern) {
  if (pattern.empty() || pattern.size() > max_pattern)
    return "a pattern has 1 to " + std::to_string(max_pattern) + " octets";
  RE2 compiled{pattern, options(own_memory)};
  if (!compiled.ok())
    return compiled.error();
  if (RE2::PartialMatch("", compiled))
    return "it fits any text";
  return std::nullopt;
}

} // namespace hamlet
