// SPDX-License-Identifier: Apache-2.0
#include "lib/config/load.hpp"

#include "lib/base/overload.hpp"
#include "lib/config/describe.hpp"
#include "lib/config/text.hpp"
#include "lib/config/tree.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <map>
#include <set>
#include <unistd.h>

namespace hamlet::config {

namespace {

constexpr std::size_t most_octets_of_a_file = 1u << 20;
constexpr std::size_t most_shown = 80;

/// A value as its author wrote it, not longer than a line.
std::string shown(const tree& x) {
  return std::visit(overload{
                      [](const std::string& s) {
                        return s.size() > most_shown ? toml_string(s.substr(0, most_shown)) + "..."
                                                     : toml_string(s);
                      },
                      [](bool b) { return std::string{b ? "true" : "false"}; },
                      [](std::int64_t n) { return std::to_string(n); },
                      [](const tree::list&) { return std::string{"a list"}; },
                      [](const tree::table&) { return std::string{"a table"}; },
                      [](const tree::other&) { return std::string{"a date, time or fraction"}; },
                    },
                    x.value);
}

class loader {
public:
  explicit loader(std::string_view file_name) : file_{file_name} {}

  void take(const tree::table& top);
  void check_together();
  void complain(position at, const std::string& text);

  settings made;
  complaints found;

private:
  void take_section(auto& section, const tree::table& members);
  void complain_of_unknown(position at, std::string_view what, const std::string& name);

  template <class T>
  void read(setting<T>& into, const tree& x);

  // Each answers nullopt when the value is not of the type. Those of lists complain themselves of
  // an element that is not.
  template <class T>
  std::optional<T> value_of(const setting<T>& s, const tree& x);
  template <class T>
  std::optional<T> element_of(std::string_view name, const tree& x);
  template <recorded T>
  std::optional<T> record_of(std::string_view name, const tree& x);

  std::string file_;
};

void loader::complain(position at, const std::string& text) {
  found.push_back(file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": "
                  + text);
}

void loader::complain_of_unknown(position at, std::string_view what, const std::string& name) {
  auto text = "unknown " + std::string{what} + " " + shown({name, at});
  if (auto near = nearest_name(name))
    text += "; did you mean " + std::string{*near} + "?";
  complain(at, text);
}

/// What a field of a table takes; nullopt: not of its type.
template <class T>
std::optional<T> loader::element_of(std::string_view name, const tree& x) {
  if constexpr (recorded<T>) {
    return record_of<T>(name, x);
  } else if constexpr (listing<T>) {
    auto* list = std::get_if<tree::list>(&x.value);
    if (!list)
      return std::nullopt;
    T out;
    for (const auto& item : *list) {
      auto element = element_of<typename T::value_type>(name, item);
      if (!element)
        return std::nullopt;
      out.push_back(std::move(*element));
    }
    return out;
  } else {
    auto* text = std::get_if<std::string>(&x.value);
    if (!text)
      return std::nullopt;
    if constexpr (text_like<T>) {
      return *text;
    } else if constexpr (enumeration<T>) {
      for (const auto& [word, value] : words<T>::all)
        if (*text == word)
          return value;
      return std::nullopt;
    } else {
      return T::of(*text);
    }
  }
}

template <recorded T>
std::optional<T> loader::record_of(std::string_view name, const tree& x) {
  auto* table = std::get_if<tree::table>(&x.value);
  if (!table)
    return std::nullopt;
  auto before = found.size();
  T out;
  for (const auto& [key, at, value] : *table) {
    auto known = false;
    each_field<T>([&, &word = key, &item = value]<class F>(const field<T, F>& f) {
      if (f.key != word)
        return;
      known = true;
      auto read = element_of<F>(name, item);
      if (!read || (f.is_needed && read->empty()) || (f.is_valid && !f.is_valid(*read)))
        complain(item.at, std::string{name} + "." + word + " is " + shown(item) + ", must be "
                            + std::string{f.expects});
      else
        out.*f.member = std::move(*read);
    });
    if (!known)
      complain(at, "unknown setting " + shown({key, at}) + " in " + std::string{name}
                     + ", which has " + std::string{record<T>::keys});
  }
  each_field<T>([&](const auto& f) {
    if (f.is_needed && std::ranges::find(*table, f.key, &member::key) == table->end())
      complain(x.at, std::string{name} + " has no " + std::string{f.key});
  });
  if (found.size() == before && !record<T>::is_complete(out))
    complain(x.at, std::string{name} + " has neither password nor certificate");
  return out;
}

template <class T>
std::optional<T> loader::value_of(const setting<T>& s, const tree& x) {
  if constexpr (std::same_as<T, bool> || text_like<T>) {
    auto* plain = std::get_if<T>(&x.value);
    return plain ? std::optional{*plain} : std::nullopt;
  } else if constexpr (number<T>) {
    if (auto* n = std::get_if<std::int64_t>(&x.value))
      return std::in_range<T>(*n) ? std::optional{static_cast<T>(*n)} : std::nullopt;
    auto* text = std::get_if<std::string>(&x.value);
    auto size = text && s.unit == octets ? octets_of(*text) : std::nullopt;
    return size && std::in_range<T>(*size) ? std::optional{static_cast<T>(*size)} : std::nullopt;
  } else if constexpr (timespan<T>) {
    auto* text = std::get_if<std::string>(&x.value);
    return text ? duration_of(*text) : std::nullopt;
  } else if constexpr (enumeration<T> || spelled<T>) {
    return element_of<T>(s.name, x);
  } else {
    auto* list = std::get_if<tree::list>(&x.value);
    if (!list)
      return std::nullopt;
    T out;
    for (const auto& item : *list) {
      if (auto element = element_of<typename T::value_type>(s.name, item))
        out.push_back(std::move(*element));
      else
        complain(item.at,
                 std::string{s.name} + " has " + shown(item) + ", must be " + expectation(s));
    }
    return out;
  }
}

template <class T>
void loader::read(setting<T>& into, const tree& x) {
  auto before = found.size();
  auto value = value_of(into, x);
  if (value && is_allowed(into, *value))
    into.value = std::move(*value);
  else if (found.size() == before)
    complain(x.at, std::string{into.name} + " is " + shown(x) + ", must be " + expectation(into));
}

void loader::take_section(auto& section, const tree::table& members) {
  for (const auto& [key, at, value] : members) {
    auto name = std::string{section.section} + "." + key;
    auto known = false;
    each_in(section, [&, &item = value](auto& s) {
      if (s.name != name)
        return;
      known = true;
      read(s, item);
    });
    if (!known)
      complain_of_unknown(at, "setting", name);
  }
}

void loader::take(const tree::table& top) {
  for (const auto& [key, at, value] : top) {
    auto known = false;
    each_section(made, [&, &name = key, &item = value](auto& section) {
      if (section.section != name)
        return;
      known = true;
      if (auto* members = std::get_if<tree::table>(&item.value))
        take_section(section, *members);
      else
        complain(item.at, name + " is " + shown(item) + ", must be a section: [" + name + "]");
    });
    if (!known)
      complain_of_unknown(at, "section", key);
  }
}

/// What two settings say together. Has no place in the file, so it names the settings.
void loader::check_together() {
  auto say = [this](const std::string& text) { found.push_back(file_ + ": " + text); };
  if (made.limits.write_pause.value > made.limits.write_queue.value)
    say("limits.write_pause is more than limits.write_queue: clients would be cut before they are "
        "made to wait");
  if (made.smtp.errors_before_rest.value > made.smtp.max_errors.value)
    say("smtp.errors_before_rest is more than smtp.max_errors: no client would ever be slowed");
  if (made.queue.unconfirmed_expiry.value < made.smtp.resend_window.value)
    say("queue.unconfirmed_expiry is less than smtp.resend_window: a message sent again could be "
        "delivered twice");
  if (made.chat.sts.value && made.listen.ircs.value.empty() && made.chat.sts_port.value == 0)
    say("chat.sts is on, but there is no listen.ircs to send clients to");
  if (made.cluster.node.value != 0) {
    if (made.store.engine.value != store_engine::postgresql)
      say("cluster.node is set, but store.engine is not \"postgresql\": nodes share one store");
    if (made.cluster.listen.value.size() != 1)
      say("cluster.listen must be one address");
  }
  std::map<std::string, std::string_view> taken;
  each_in(made.listen, [&]<class T>(const setting<T>& s) {
    if constexpr (std::same_as<T, endpoints>)
      for (const auto& x : s.value)
        if (auto [at, fresh] = taken.emplace(x.text(), s.name); !fresh && x.port != 0)
          say(x.text() + " is in " + std::string{at->second} + " and in " + std::string{s.name});
  });
}

} // namespace

tl::expected<settings, complaints> load(std::string_view text, std::string_view file_name) {
  loader reading{file_name};
  auto file = read_toml(text);
  for (const auto& [at, why] : file.faults)
    reading.complain(at, why);
  reading.take(std::get<tree::table>(file.top.value));
  if (reading.found.empty())
    reading.check_together();
  if (!reading.found.empty())
    return tl::unexpected{std::move(reading.found)};
  return std::move(reading.made);
}

tl::expected<settings, complaints> load_file(const std::filesystem::path& file) {
  auto complain = [&](const std::string& why) {
    return tl::unexpected{complaints{file.string() + ": " + why}};
  };
  auto handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0)
    return complain(std::strerror(errno));
  std::string text(most_octets_of_a_file + 1, '\0');
  std::size_t size = 0;
  ssize_t n = 0;
  do {
    n = ::read(handle, text.data() + size, text.size() - size);
    size += n > 0 ? static_cast<std::size_t>(n) : 0;
  } while (n > 0 || (n < 0 && errno == EINTR));
  auto fault = n < 0 ? errno : 0;
  ::close(handle);
  if (fault != 0)
    return complain(std::strerror(fault));
  if (size > most_octets_of_a_file)
    return complain("is larger than 1 MiB");
  text.resize(size);
  return load(text, file.string());
}

} // namespace hamlet::config
