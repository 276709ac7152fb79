// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>

namespace hamlet::ctl {

/// A method that this program knows: its descriptor. nullptr: there is none.
/// @param name "Accounts/List", "Accounts.List", also with the package before it.
const google::protobuf::MethodDescriptor* find_method(const std::string& name);

/// As it is called: "hamlet.admin.v1.Accounts/List".
std::string path_of(const google::protobuf::MethodDescriptor& x);

std::unique_ptr<google::protobuf::Message> new_message(const google::protobuf::Descriptor* type);

/// Sets a field from a word; a repeated one takes words with commas between. errc::bad_request:
/// there is no such field, or the word is none of its values.
result<void> set_field(google::protobuf::Message& into, const std::string& field,
                       const std::string& text);

bool has_field(const google::protobuf::Message& x, const std::string& field);

/// errc::bad_request: says where it is wrong.
result<void> read_json(const std::string& text, google::protobuf::Message& into);

} // namespace hamlet::ctl
