// SPDX-License-Identifier: Apache-2.0
// TOML 1.0 (https://toml.io/en/v1.0.0); README.md says why it is read here.
#include "lib/config/toml_cursor.hpp"
#include "lib/config/tree.hpp"
#include "lib/log/escape.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace hamlet::config {

namespace {

constexpr int most_levels = 16;
constexpr std::size_t most_values = 20'000;
constexpr std::size_t most_names = 2000; // a look for one is linear
constexpr std::size_t most_faults = 20;

struct name_part {
  std::string text;
  position at;
};
using path = std::vector<name_part>;

/// For a complaint, which is one line.
std::string shown(const name_part& x) {
  std::string out;
  log::append_quoted(out, std::string_view{x.text}.substr(0, 64));
  return out;
}

bool is_name_character(char c) {
  auto x = ascii::lower(c);
  return (x >= 'a' && x <= 'z') || ascii::is_digit(c) || c == '_' || c == '-';
}

member* find(tree& table, const std::string& key) {
  auto& members = std::get<tree::table>(table.value);
  auto found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? nullptr : &*found;
}

tree& add(tree& table, const name_part& name, tree x) {
  auto& members = std::get<tree::table>(table.value);
  return members.emplace_back(member{name.text, name.at, std::move(x)}).value;
}

tree new_table(position at, tree::maker by) {
  return {tree::table{}, at, by};
}

class reader {
public:
  explicit reader(std::string_view text) : in_{text} {}

  toml_file read();

private:
  // Each: false or nullopt after a fault.
  bool statement();
  bool end_of_line();
  bool header();
  bool open_table(const path& name);
  bool open_list(const path& name, position at);
  tree* parent_of(const path& name);
  bool assignment(tree& table, int level);
  std::optional<path> name();
  std::optional<tree> value(int level);
  std::optional<tree> list(int level);
  std::optional<tree> inline_table(int level);
  std::optional<tree> word();
  std::optional<tree> integer(std::string_view digits, position at);
  std::nullopt_t none(position at, std::string why) {
    in_.fault(at, std::move(why));
    return std::nullopt;
  }

  toml_cursor in_;
  tree top_ = new_table({}, tree::maker::header);
  tree scrap_; ///< what follows a faulty header
  tree* current_ = &top_;
  std::size_t values_ = 0;
  std::size_t names_ = 0;
};

toml_file reader::read() {
  (void)in_.take("\xef\xbb\xbf"); // an editor's mark
  while (!in_.is_at_end() && in_.faults().size() < most_faults) {
    auto begun = in_.line();
    if (statement())
      continue;
    if (in_.line() != begun || values_ > most_values || names_ > most_names)
      break; // within something of several lines: nobody knows where it was to end
    in_.skip_rest_of_line();
  }
  return {std::move(top_), in_.faults()};
}

bool reader::statement() {
  in_.skip_blanks();
  auto c = in_.peek();
  if (c == '[') {
    scrap_ = new_table({}, tree::maker::header);
    current_ = &scrap_;
    return header() && end_of_line();
  }
  auto is_empty = in_.is_at_end() || c == '#' || c == '\n' || c == '\r';
  return (is_empty || assignment(*current_, 0)) && end_of_line();
}

bool reader::end_of_line() {
  in_.skip_blanks();
  return in_.skip_comment()
         && (in_.is_at_end() || in_.take_newline() || in_.fault("the line should end here"));
}

bool reader::header() {
  auto at = in_.here();
  auto is_list = in_.take("[[");
  if (!is_list)
    in_.take();
  auto of = name();
  if (!of)
    return false;
  if (!in_.take(is_list ? "]]" : "]"))
    return in_.fault(is_list ? "expected ]]" : "expected ]");
  return is_list ? open_list(*of, at) : open_table(*of);
}

/// The table in which the last part of the name stands.
tree* reader::parent_of(const path& name) {
  auto* table = &top_;
  for (auto part = name.begin(); part != name.end() - 1; ++part) {
    auto* found = find(*table, part->text);
    if (!found) {
      table = &add(*table, *part, new_table(part->at, tree::maker::implicit));
    } else if (found->value.made_by == tree::maker::headers) {
      table = &std::get<tree::list>(found->value.value).back();
    } else if (found->value.made_by != tree::maker::value) {
      table = &found->value;
    } else {
      in_.fault(part->at, shown(*part) + " has a value already");
      return nullptr;
    }
  }
  return table;
}

bool reader::open_table(const path& name) {
  auto* parent = parent_of(name);
  if (!parent)
    return false;
  const auto& last = name.back();
  auto* found = find(*parent, last.text);
  if (found && found->value.made_by != tree::maker::implicit)
    return in_.fault(last.at, shown(last) + " is there already, since line "
                                + std::to_string(found->at.line));
  current_ = found ? &found->value : &add(*parent, last, new_table(last.at, tree::maker::header));
  current_->made_by = tree::maker::header;
  return true;
}

bool reader::open_list(const path& name, position at) {
  auto* parent = parent_of(name);
  if (!parent)
    return false;
  const auto& last = name.back();
  auto* found = find(*parent, last.text);
  if (found && found->value.made_by != tree::maker::headers)
    return in_.fault(last.at, shown(last) + " is there already, since line "
                                + std::to_string(found->at.line));
  auto& list = found ? found->value : add(*parent, last, {tree::list{}, at, tree::maker::headers});
  current_ = &std::get<tree::list>(list.value).emplace_back(new_table(at, tree::maker::header));
  return true;
}

bool reader::assignment(tree& table, int level) {
  auto of = name();
  if (!of)
    return false;
  if (!in_.take("="))
    return in_.fault("expected =");
  in_.skip_blanks();
  auto made = value(level);
  if (!made)
    return false;
  auto* parent = &table;
  for (auto part = of->begin(); part != of->end() - 1; ++part) {
    auto* found = find(*parent, part->text);
    if (found && found->value.made_by != tree::maker::dotted)
      return in_.fault(part->at, shown(*part) + " is there already, since line "
                                   + std::to_string(found->at.line));
    parent = found ? &found->value : &add(*parent, *part, new_table(part->at, tree::maker::dotted));
  }
  const auto& last = of->back();
  if (auto* found = find(*parent, last.text))
    return in_.fault(last.at, shown(last) + " is there already, since line "
                                + std::to_string(found->at.line));
  add(*parent, last, std::move(*made));
  return true;
}

/// "a", "a.b", "a.'b c'", with the blanks around.
std::optional<path> reader::name() {
  path out;
  do {
    in_.skip_blanks();
    auto& part = out.emplace_back(name_part{{}, in_.here()});
    if (in_.peek() == '"' || in_.peek() == '\'') {
      auto text = in_.string(false);
      if (!text)
        return std::nullopt;
      part.text = std::move(*text);
    } else {
      while (is_name_character(in_.peek()))
        part.text += in_.take();
      if (part.text.empty())
        return none(part.at, "a name was expected here");
    }
    in_.skip_blanks();
    if (out.size() > most_levels)
      return none(part.at, "a name of too many parts");
    if (++names_ > most_names)
      return none(part.at, "too many names");
  } while (in_.take("."));
  return out;
}

std::optional<tree> reader::value(int level) {
  auto at = in_.here();
  if (++values_ > most_values)
    return none(at, "too many values");
  if (level > most_levels)
    return none(at, "too many levels");
  switch (in_.peek()) {
  case '"':
  case '\'': {
    auto text = in_.string(true);
    return text ? std::optional{tree{std::move(*text), at}} : std::nullopt;
  }
  case '[': return list(level + 1);
  case '{': return inline_table(level + 1);
  default: return word();
  }
}

std::optional<tree> reader::list(int level) {
  tree out{tree::list{}, in_.here()};
  in_.take();
  auto more = true;
  while (in_.skip_lines()) {
    if (in_.take("]"))
      return out;
    if (!more)
      return none(in_.here(), "expected , or ]");
    auto item = value(level);
    if (!item || !in_.skip_lines())
      return std::nullopt;
    std::get<tree::list>(out.value).push_back(std::move(*item));
    more = in_.take(",");
  }
  return std::nullopt;
}

std::optional<tree> reader::inline_table(int level) {
  auto out = new_table(in_.here(), tree::maker::value);
  in_.take();
  in_.skip_blanks();
  if (in_.take("}"))
    return out;
  do {
    if (!assignment(out, level))
      return std::nullopt;
    in_.skip_blanks();
  } while (in_.take(","));
  if (!in_.take("}"))
    return none(in_.here(), "expected , or }");
  return out;
}

/// What stands without quotation marks.
std::optional<tree> reader::word() {
  auto at = in_.here();
  std::string text;
  while (is_name_character(in_.peek()) || in_.peek() == '+' || in_.peek() == '.'
         || in_.peek() == ':')
    text += in_.take();
  if (text == "true" || text == "false")
    return tree{text == "true", at};
  if (text.empty())
    return none(at, "a value was expected here");
  auto digits = std::string_view{text}.substr(text[0] == '+' || text[0] == '-' ? 1 : 0);
  if (digits == "inf" || digits == "nan")
    return tree{tree::other{}, at};
  if (digits.empty() || !ascii::is_digit(digits[0]))
    return none(at, "a string is written in quotation marks");
  auto is_plain =
    std::ranges::all_of(digits, [](char c) { return ascii::is_digit(c) || c == '_'; });
  auto has_base =
    digits.size() == text.size()
    && (digits.starts_with("0x") || digits.starts_with("0o") || digits.starts_with("0b"));
  if (is_plain || has_base)
    return integer(text, at);
  return tree{tree::other{}, at};
}

std::optional<tree> reader::integer(std::string_view text, position at) {
  auto base = text.starts_with("0x")   ? 16
              : text.starts_with("0o") ? 8
              : text.starts_with("0b") ? 2
                                       : 10;
  std::string digits{text.substr(base != 10 ? 2 : text[0] == '+' ? 1 : 0)};
  auto unsigned_digits = std::string_view{digits}.substr(digits.starts_with('-') ? 1 : 0);
  if (unsigned_digits.starts_with('_') || unsigned_digits.ends_with('_')
      || unsigned_digits.find("__") != unsigned_digits.npos)
    return none(at, "_ stands between two digits");
  if (base == 10 && unsigned_digits.size() > 1 && unsigned_digits[0] == '0')
    return none(at, "a number does not begin with 0");
  std::erase(digits, '_');
  std::int64_t n = 0;
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), n, base);
  if (code == std::errc::result_out_of_range)
    return none(at, "a number too large");
  if (code != std::errc{} || end != digits.data() + digits.size() || (base != 10 && n < 0))
    return none(at, "no number");
  return tree{n, at};
}

/// Where the first octet stands that is no UTF-8.
position place_of_bad_utf8(std::string_view text) {
  position at;
  for (auto code = utf8::take(text); code; code = utf8::take(text))
    at = *code == U'\n' ? position{at.line + 1, 1} : position{at.line, at.column + 1};
  return at;
}

} // namespace

toml_file read_toml(std::string_view text) {
  if (!utf8::is_valid(text))
    return {new_table({}, tree::maker::header), {{place_of_bad_utf8(text), "this is no UTF-8"}}};
  return reader{text}.read();
}

} // namespace hamlet::config
