// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::ctl {

enum class format { table, json, yaml };
std::optional<format> format_of(std::string_view text);

/// A reply for people or programs. A table of a list shows `columns`, or all that are plain.
/// Controls in texts of others are shown as '?', or escaped.
void print(const google::protobuf::Message& x, format as,
           const std::vector<std::string>& columns = {});

std::string yaml_of(const google::protobuf::Message& x);
std::string json_of(const google::protobuf::Message& x);

} // namespace hamlet::ctl
