// SPDX-License-Identifier: Apache-2.0
#include "actors/mail_clients.hpp"

namespace hamlet {

mail_clients::place::~place() {
  if (of_ == nullptr)
    return;
  std::lock_guard lock{of_->mutex_};
  of_->all_.erase(number_);
}

template <class Change>
void mail_clients::place::change(Change f) const {
  if (of_ == nullptr)
    return;
  std::lock_guard lock{of_->mutex_};
  if (auto found = of_->all_.find(number_); found != of_->all_.end())
    f(found->second.what);
}

void mail_clients::place::logged_in(const std::string& account) const {
  change([&](client& x) { x.account = account; });
}

void mail_clients::place::secured() const {
  change([](client& x) { x.is_secure = true; });
}

mail_clients::place mail_clients::add(client x, std::function<void()> hang_up) {
  auto number = x.number;
  std::lock_guard lock{mutex_};
  all_.insert_or_assign(number, entry{std::move(x), std::move(hang_up)});
  return {*this, number};
}

std::vector<mail_clients::client> mail_clients::list(std::uint64_t after, std::size_t count,
                                                     std::string_view account) const {
  std::vector<client> found;
  std::lock_guard lock{mutex_};
  for (auto at = all_.upper_bound(after); at != all_.end() && found.size() < count; ++at)
    if (account.empty() || at->second.what.account == account)
      found.push_back(at->second.what);
  return found;
}

std::optional<mail_clients::client> mail_clients::find(std::uint64_t number) const {
  std::lock_guard lock{mutex_};
  auto found = all_.find(number);
  return found == all_.end() ? std::nullopt : std::optional{found->second.what};
}

void mail_clients::disconnect(std::uint64_t number) const {
  std::function<void()> hang_up;
  {
    std::lock_guard lock{mutex_};
    if (auto found = all_.find(number); found != all_.end())
      hang_up = found->second.hang_up;
  }
  if (hang_up)
    hang_up();
}

} // namespace hamlet
