// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// "a,b,c" in its parts, without the empty ones.
std::vector<std::string> list_of(std::string_view text, char between = ',');

/// Does one after the other, each when what the one before has asked is answered; then `after`.
using each_step = std::function<void(machine&, const std::string& item, std::size_t place,
                                     std::function<void(machine&)> next)>;
void one_by_one(machine& m, std::vector<std::string> items, each_step step,
                std::function<void(machine&)> after = {});

bool is_channel_name(std::string_view name);
/// The same; if it is none, 403 is said.
bool names_channel(machine& m, const std::string& name);

/// For a client that comes to a channel where its session is already: JOIN, topic, marker, names.
void show_join(machine& m, const chat::v1::Reply& members, std::function<void(machine&)> next);
/// The same without the JOIN, for a channel on which the session is by no doing of this client.
void show_entered(machine& m, const std::string& channel);
/// 332 and 333, if there is a topic.
void show_topic(machine& m, const chat::v1::Reply& r);
/// 353 and 366. RFC 2812 §3.2.5.
void show_names(machine& m, const chat::v1::Reply& r);

// Families in files of their own.
void verb_join(machine& m, const message& x);   // joining.cpp
void verb_part(machine& m, const message& x);   // joining.cpp
void verb_names(machine& m, const message& x);  // joining.cpp
void verb_list(machine& m, const message& x);   // channel_list.cpp
void verb_mode(machine& m, const message& x);   // mode_verb.cpp
void verb_topic(machine& m, const message& x);  // channel_acts.cpp
void verb_kick(machine& m, const message& x);   // channel_acts.cpp
void verb_invite(machine& m, const message& x); // channel_acts.cpp
void verb_knock(machine& m, const message& x);  // channel_acts.cpp
void verb_rename(machine& m, const message& x); // channel_acts.cpp

} // namespace hamlet::irc
