// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/cluster/pending.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

// How commands get to another node and answers come back: what the proxies and the INBOX see of
// the link. gateway/link makes it true.

namespace hamlet::cluster {

/// The kind that is no shard: the node itself. Its number is the node's id, its epoch the
/// incarnation.
constexpr std::int32_t node_kind = 0;

/// A command on its way to the owner of a shard.
struct command {
  std::int32_t kind = node_kind;
  std::int32_t number = 0;
  std::int64_t epoch = 0; ///< in which the sender believes
  command_id id;
  std::chrono::milliseconds left{0}; ///< how long its sender still waits
  std::uint32_t type = 0;            ///< verbs.hpp
  std::string payload;
  bool is_note = false;     ///< nobody waits for an answer
  std::uint64_t client = 0; ///< for whom, on the sending node, where the verb depends on it
};

enum class delivery : std::uint8_t {
  ok,
  failed,      ///< the owner says why: `code`
  wrong_owner, ///< not here, nor is it known where
  moved,       ///< to `owner`, in `epoch`
  busy,        ///< a bounded queue is full, here or there: nothing was done
  unreachable, ///< nothing was sent: there is no link to that incarnation
  lost,        ///< it was sent, and no answer will come: it may or may not have been done
};

struct reply {
  delivery what = delivery::lost;
  std::int64_t epoch = 0;
  std::int64_t owner = 0; ///< incarnation
  std::string payload;
  errc code = errc::none;
  std::string detail; ///< for the log
};

/// Called once, on any thread; must not block.
using on_reply = std::function<void(reply)>;

/// Takes commands to other nodes. Any thread; never blocks.
class carrier {
public:
  virtual ~carrier() = default;
  /// Commands of one thread to one incarnation arrive in their order. `done` may be called before
  /// this returns. Of a note it says only whether it was taken: ok, busy or unreachable.
  virtual void send(std::int64_t incarnation, command x, on_reply done) = 0;
  /// Is there a link to this start of a node?
  virtual bool is_up(std::int64_t incarnation) const = 0;
};

/// What the link does with a command of another node: `from` is its incarnation. `answer` must be
/// called once, of a note, too: the sender's room is given back then.
using on_command = std::function<void(std::int64_t from, command x, on_reply answer)>;

} // namespace hamlet::cluster
