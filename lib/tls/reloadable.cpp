// SPDX-License-Identifier: Apache-2.0
#include "lib/tls/reloadable.hpp"

#include <utility>

namespace hamlet::tls {

reloadable::reloadable(context fixed) : reloadable{std::move(fixed), {}, {}} {
}

reloadable::reloadable(context first, std::vector<certificate_files> files, const policy& rules)
    : files_{std::move(files)}, rules_{rules}, current_{std::move(first)} {
}

result<std::shared_ptr<reloadable>> reloadable::open(std::vector<certificate_files> files,
                                                     const policy& rules) {
  auto first = context::load(files, rules);
  if (!first)
    return tl::unexpected{first.error()};
  return std::shared_ptr<reloadable>{new reloadable{std::move(*first), std::move(files), rules}};
}

context reloadable::current() const {
  std::lock_guard lock{mutex_};
  return current_;
}

result<void> reloadable::reload() {
  std::lock_guard lock{reloading_};
  if (files_.empty())
    return {};
  return read(files_, rules_);
}

result<void> reloadable::reload(std::vector<certificate_files> files, const policy& rules) {
  std::lock_guard lock{reloading_};
  auto done = read(files, rules);
  if (done) {
    files_ = std::move(files);
    rules_ = rules;
  }
  return done;
}

result<void> reloadable::read(const std::vector<certificate_files>& files, const policy& rules) {
  auto next = context::load(files, rules);
  if (!next)
    return tl::unexpected{next.error()};
  next->take_ticket_keys(current());
  std::lock_guard lock{mutex_};
  std::swap(current_, *next);
  return {};
}

} // namespace hamlet::tls
