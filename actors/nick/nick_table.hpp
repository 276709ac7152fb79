// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hamlet {

/// A nick and who has it: what is known of a shard that is made anew.
struct nick_held {
  std::string nick;
  std::int64_t session_id = 0;
};

/// Who is called what, for the nicks of one shard. Two sessions never have the same nick, nor two
/// that look alike where one is not ASCII (irc::needs_key_alone).
class nick_table {
public:
  struct rival {
    std::int64_t session_id = 0; ///< 0: nobody; the nick is free, or the asker's own
    std::string nick;            ///< what it is called
    bool is_same = false;        ///< the very nick, and not one that looks like it
  };

  /// Who stands in the way of this session.
  rival find_rival(std::string_view nick, std::int64_t session_id) const;
  /// 0: nobody's.
  std::int64_t holder(std::string_view nick) const;
  /// Whoever had it has it no more.
  void take(std::string_view nick, std::int64_t session_id);
  /// Of somebody else: no matter.
  void release(std::string_view nick, std::int64_t session_id);

  std::size_t size() const { return holders_.size(); }

private:
  std::unordered_map<std::string, std::int64_t> holders_; ///< by folded nick
  /// As written: those that are not ASCII. They are few, and no ASCII nick may look like one.
  std::vector<std::string> others_;
};

/// Under which keys a nick is claimed and given back: router::nick_of(). Two for some nicks of
/// other scripts, as the form that is compared may look unlike the one that is written.
std::vector<std::string> nick_keys(std::string_view nick);

} // namespace hamlet
