// SPDX-License-Identifier: Apache-2.0
// The only file that knows toml++: it costs seconds to compile, and what it gives us is one type.
#include "lib/config/tree.hpp"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#define TOML_UNRELEASED_FEATURES 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

namespace hamlet::config {

namespace {

position position_of(const toml::source_region& x) {
  return {x.begin.line, x.begin.column};
}

tree tree_of(const toml::node& x) {
  tree out{{}, position_of(x.source())};
  if (auto* flag = x.as_boolean()) {
    out.value = flag->get();
  } else if (auto* number = x.as_integer()) {
    out.value = number->get();
  } else if (auto* text = x.as_string()) {
    out.value = text->get();
  } else if (auto* array = x.as_array()) {
    auto& list = out.value.emplace<tree::list>();
    for (const auto& item : *array)
      list.push_back(tree_of(item));
  } else if (auto* table = x.as_table()) {
    auto& members = out.value.emplace<tree::table>();
    for (const auto& [key, item] : *table)
      members.push_back({std::string{key.str()}, position_of(key.source()), tree_of(item)});
  }
  return out;
}

} // namespace

tl::expected<tree, toml_fault> read_toml(std::string_view text) {
  auto parsed = toml::parse(text);
  if (parsed.failed()) {
    const auto& fault = parsed.error();
    return tl::unexpected{
      toml_fault{position_of(fault.source()), std::string{fault.description()}}};
  }
  return tree_of(parsed.table());
}

} // namespace hamlet::config
