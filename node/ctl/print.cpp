// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/print.hpp"

#include "node/terminal.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace hamlet::ctl {

namespace {

using namespace google::protobuf;
using field = FieldDescriptor;

/// "created_s" -> "CREATED"; what the unit says is in the value.
std::string title_of(const std::string& name) {
  auto text = name;
  for (auto* unit : {"_ms", "_s", "_bytes"})
    if (text.ends_with(unit))
      text.resize(text.size() - std::string_view{unit}.size());
  std::ranges::transform(text, text.begin(), [](char c) {
    return c == '_' ? ' ' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  });
  return text;
}

std::string number_text(const std::string& name, std::int64_t x) {
  if (name.ends_with("_ms"))
    return node::time_text(x / 1000);
  if (name.ends_with("_s"))
    return node::time_text(x);
  return name.ends_with("_bytes") ? node::size_text(x) : std::to_string(x);
}

std::string double_text(double x) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", x);
  return text.data();
}

/// One value as text; `at` < 0: the field is not repeated.
std::string value_of(const Message& x, const field& f, int at) {
  auto& how = *x.GetReflection();
  auto pick = [&](auto one, auto many) { return at < 0 ? one() : many(); };
  switch (f.cpp_type()) {
  case field::CPPTYPE_STRING:
    return pick([&] { return how.GetString(x, &f); },
                [&] { return how.GetRepeatedString(x, &f, at); });
  case field::CPPTYPE_BOOL:
    return pick([&] { return how.GetBool(x, &f); }, [&] { return how.GetRepeatedBool(x, &f, at); })
             ? "yes"
             : "";
  case field::CPPTYPE_INT32:
    return number_text(f.name(), pick([&] { return how.GetInt32(x, &f); },
                                      [&] { return how.GetRepeatedInt32(x, &f, at); }));
  case field::CPPTYPE_INT64:
    return number_text(f.name(), pick([&] { return how.GetInt64(x, &f); },
                                      [&] { return how.GetRepeatedInt64(x, &f, at); }));
  case field::CPPTYPE_DOUBLE: return double_text(how.GetDouble(x, &f));
  case field::CPPTYPE_ENUM: return how.GetEnum(x, &f)->name();
  default: return "…";
  }
}

std::string text_of(const Message& x, const field& f) {
  if (!f.is_repeated()) {
    auto is_there = !f.has_presence() || x.GetReflection()->HasField(x, &f);
    return is_there ? value_of(x, f, -1) : "";
  }
  std::string all;
  for (int i = 0; i < x.GetReflection()->FieldSize(x, &f); ++i)
    all += (i == 0 ? "" : ",") + value_of(x, f, i);
  return all;
}

bool is_plain(const field& f) {
  return f.cpp_type() != field::CPPTYPE_MESSAGE;
}

/// The one list of a reply; nullptr: it is none.
const field* list_of(const Message& x) {
  auto& type = *x.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->is_repeated() && !is_plain(*type.field(i)))
      return type.field(i);
  return nullptr;
}

std::vector<const field*> columns_of(const Descriptor& type,
                                     const std::vector<std::string>& names) {
  std::vector<const field*> found;
  if (names.empty()) {
    for (int i = 0; i < type.field_count(); ++i)
      if (is_plain(*type.field(i)))
        found.push_back(type.field(i));
  }
  for (auto& name : names)
    if (auto* f = type.FindFieldByName(name))
      found.push_back(f);
  return found;
}

void print_rows(const Message& x, const field& list, const std::vector<std::string>& names) {
  auto columns = columns_of(*list.message_type(), names);
  node::table rows(1);
  for (auto* f : columns)
    rows[0].push_back(title_of(f->name()));
  auto& how = *x.GetReflection();
  for (int i = 0; i < how.FieldSize(x, &list); ++i) {
    auto& row = rows.emplace_back();
    for (auto* f : columns)
      row.push_back(text_of(how.GetRepeatedMessage(x, &list, i), *f));
  }
  node::print_table(rows);
}

/// Adds a value that may have lines of its own, such as a header.
void add_lines(node::table& rows, std::string title, std::string text) {
  std::ranges::replace(text, '\t', ' ');
  for (std::size_t begin = 0; begin < text.size();) {
    auto end = std::min(text.find('\n', begin), text.size());
    auto line = text.substr(begin, end - begin);
    if (line.ends_with('\r'))
      line.pop_back();
    rows.push_back({std::exchange(title, ""), std::move(line)});
    begin = end + 1;
  }
}

/// A line for each field that says something.
void print_one(const Message& x) {
  auto& type = *x.GetDescriptor();
  node::table rows;
  for (int i = 0; i < type.field_count(); ++i)
    if (auto text = is_plain(*type.field(i)) ? text_of(x, *type.field(i)) : ""; !text.empty()) {
      auto title = title_of(type.field(i)->name());
      std::ranges::transform(title, title.begin(), [](char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      });
      add_lines(rows, std::move(title), std::move(text));
    }
  node::print_table(rows);
}

/// A scalar of YAML: always in quotes where it is text, so that nothing is taken for a number.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += static_cast<char>(c);
    else if (c < ' ' || c == 0x7F) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x", c);
      out += code.data();
    } else
      out += static_cast<char>(c);
  }
  return out + '"';
}

std::string scalar_of(const Message& x, const field& f, int at) {
  auto& how = *x.GetReflection();
  switch (f.cpp_type()) {
  case field::CPPTYPE_STRING: return quoted(value_of(x, f, at));
  case field::CPPTYPE_BOOL: return value_of(x, f, at).empty() ? "false" : "true";
  case field::CPPTYPE_INT32:
    return std::to_string(at < 0 ? how.GetInt32(x, &f) : how.GetRepeatedInt32(x, &f, at));
  case field::CPPTYPE_INT64:
    return std::to_string(at < 0 ? how.GetInt64(x, &f) : how.GetRepeatedInt64(x, &f, at));
  default: return value_of(x, f, at);
  }
}

void write_yaml(const Message& x, const std::string& indent, std::string& out, bool in_list) {
  auto& type = *x.GetDescriptor();
  auto& how = *x.GetReflection();
  auto before = in_list ? indent.substr(0, indent.size() - 2) + "- " : indent;
  if (type.field_count() == 0)
    out += before + "{}\n";
  for (int i = 0; i < type.field_count(); ++i, before = indent) {
    auto& f = *type.field(i);
    out += before + f.name() + ':';
    auto size = f.is_repeated() ? how.FieldSize(x, &f) : 0;
    if (!f.is_repeated() && is_plain(f)) {
      out += ' ' + scalar_of(x, f, -1) + '\n';
    } else if (!f.is_repeated()) {
      out += '\n';
      write_yaml(how.GetMessage(x, &f), indent + "  ", out, false);
    } else {
      out += size == 0 ? " []\n" : "\n";
      for (int j = 0; j < size; ++j) {
        if (is_plain(f))
          out += indent + "  - " + scalar_of(x, f, j) + '\n';
        else
          write_yaml(how.GetRepeatedMessage(x, &f, j), indent + "    ", out, true);
      }
    }
  }
}

} // namespace

std::optional<format> format_of(std::string_view text) {
  if (text == "table")
    return format::table;
  if (text == "json")
    return format::json;
  return text == "yaml" ? std::optional{format::yaml} : std::nullopt;
}

std::string yaml_of(const Message& x) {
  std::string out;
  write_yaml(x, "", out, false);
  return out;
}

std::string json_of(const Message& x) {
  util::JsonPrintOptions how;
  how.add_whitespace = true;
  how.always_print_primitive_fields = true;
  how.preserve_proto_field_names = true;
  std::string out;
  (void)util::MessageToJsonString(x, &out, how);
  return out;
}

void print(const Message& x, format as, const std::vector<std::string>& columns) {
  switch (as) {
  case format::json: std::cout << json_of(x); return;
  case format::yaml: std::cout << yaml_of(x); return;
  case format::table: break;
  }
  if (auto* list = list_of(x))
    print_rows(x, *list, columns);
  else
    print_one(x);
}

} // namespace hamlet::ctl
