// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/render.hpp"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace hamlet::irc {

/// An event in protobuf's text form, with a source, an id and a time unless it has its own:
/// ann!a@ann.example, id 1 (msgid 0000000000001), 2019-01-04T14:33:26.123Z.
inline chat::v1::Event event_of(const std::string& text) {
  chat::v1::Event out;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &out)) << text;
  if (!out.has_source()) {
    auto& who = *out.mutable_source();
    who.set_session_id(1);
    who.set_nick("ann");
    who.set_user("a");
    who.set_host("ann.example");
    who.set_real_name("Ann Example");
  }
  if (out.id() == 0)
    out.set_id(1);
  if (out.time_ms() == 0)
    out.set_time_ms(1'546'612'406'123);
  return out;
}

inline policy test_policy(const presence* people = nullptr) {
  policy out;
  out.server_name = "irc.example";
  out.network_name = "Example";
  out.people = people;
  return out;
}

} // namespace hamlet::irc
