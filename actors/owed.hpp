// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/failure.hpp"

#include <caf/response_promise.hpp>
#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <utility>

namespace hamlet {

/// An answer that is given later, or else by the end of the actor that owes it: then the asker
/// hears errc::shutting_down at once. CAF's own promise says nothing when it is forgotten, and who
/// asked waits until its time is over. Copies owe one answer together.
template <class T>
class owed {
public:
  owed() = default; ///< owes nothing
  explicit owed(caf::typed_response_promise<T> x) : debt_{std::make_shared<debt>(std::move(x))} {}

  /// Does anybody wait for it?
  bool pending() const {
    caf::response_promise& x = debt_->promise;
    return x.pending() && !x.async();
  }
  /// Somebody else owes it now.
  template <class Handle, class Message>
  void delegate(const Handle& whom, Message&& x) {
    debt_->promise.delegate(whom, std::forward<Message>(x));
  }
  template <class Answer>
  void deliver(Answer&& x) {
    debt_->promise.deliver(std::forward<Answer>(x));
  }

  operator caf::result<T>() const { return debt_->promise; } // NOLINT: ends a handler

private:
  struct debt {
    explicit debt(caf::typed_response_promise<T> x) : promise{std::move(x)} {}
    debt(const debt&) = delete;
    debt& operator=(const debt&) = delete;
    // Perhaps on another thread than the actor's, which is gone: so not by way of the promise.
    ~debt() {
      caf::response_promise& x = promise;
      if (x.pending() && x.source() && !x.async())
        x.source()->enqueue(nullptr, x.id().response_id(),
                            caf::make_message(to_caf({errc::shutting_down, "it has ended"})),
                            nullptr);
    }
    caf::typed_response_promise<T> promise;
  };

  std::shared_ptr<debt> debt_;
};

/// For a handler that answers later: `return` it, and deliver() or settle() the same one.
template <class T, class Self>
owed<T> owe(Self* self) {
  return owed<T>{self->template make_response_promise<T>()};
}

} // namespace hamlet
