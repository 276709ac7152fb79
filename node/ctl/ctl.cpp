// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/ctl.hpp"

#include "lib/admin/methods.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/crypto/random.hpp"
#include "lib/mail/field.hpp"
#include "node/ctl/fields.hpp"
#include "node/ctl/help.hpp"
#include "node/ctl/options.hpp"
#include "node/terminal.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <unistd.h>

namespace hamlet::ctl {

namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr std::size_t request_letters = 20;
constexpr std::size_t largest_request = 1u << 20;

int wrong(const std::string& why) {
  std::cerr << "hamlet ctl: " << why << '\n';
  return static_cast<int>(exit::wrong_usage);
}

exit exit_of(admin::status x) {
  using enum admin::status;
  switch (x) {
  case ok: return exit::done;
  case unavailable:
  case deadline_exceeded: return exit::not_reached;
  case unauthenticated:
  case permission_denied: return exit::not_allowed;
  case not_found: return exit::not_found;
  case already_exists:
  case aborted:
  case failed_precondition: return exit::in_the_way;
  default: return exit::failed;
  }
}

int tell(const failure& x, const target& to) {
  auto is_deaf = x.why == admin::status::unavailable && x.text.find("connect") != x.text.npos;
  if (is_deaf && to.address.empty()) {
    auto may_not = ::access(to.socket.c_str(), F_OK) != 0 && errno == EACCES;
    may_not =
      may_not || (::access(to.socket.c_str(), F_OK) == 0 && ::access(to.socket.c_str(), W_OK) != 0);
    std::cerr << "hamlet ctl: no node answers at " << to.socket
              << (may_not ? ": only root and the user of the server may open it\n"
                          : ": is the server running?\n");
    return static_cast<int>(may_not ? exit::not_allowed : exit::not_reached);
  }
  std::cerr << "hamlet ctl: " << admin::to_string(x.why) << ": " << x.text << '\n';
  for (auto& [field, problem] : x.bad)
    std::cerr << "  " << option_of(field) << ": " << problem << '\n';
  return static_cast<int>(exit_of(x.why));
}

/// What every request that writes has.
result<void> fill_in(const command_line& x, Message& request) {
  if (!has_field(request, "request_id"))
    return x.only_validates ? fail(errc::bad_request, "this changes nothing: --validate-only")
                            : result<void>{};
  auto& how = *request.GetReflection();
  auto& type = *request.GetDescriptor();
  auto* id = type.FindFieldByName("request_id");
  if (!x.request_id.empty() || how.GetString(request, id).empty())
    how.SetString(&request, id,
                  x.request_id.empty() ? crypto::random_text(request_letters) : x.request_id);
  if (x.only_validates)
    how.SetBool(&request, type.FindFieldByName("validate_only"), true);
  return {};
}

/// One call, or all pages of a list as one reply.
int call(const command_line& x, const MethodDescriptor& method, Message& request,
         const std::vector<std::string>& columns, bool all_pages) {
  auto to = connection::open(x.to);
  if (!to)
    return wrong(to.error().detail);
  auto whole = new_message(method.output_type());
  for (;;) {
    auto reply = new_message(method.output_type());
    auto done = to->call(path_of(method), request, *reply);
    if (!done)
      return tell(done.error(), x.to);
    whole->MergeFrom(*reply);
    auto* next = method.output_type()->FindFieldByName("next_page_token");
    if (!all_pages || !next)
      break;
    auto token = reply->GetReflection()->GetString(*reply, next);
    whole->GetReflection()->ClearField(whole.get(), next);
    if (token.empty())
      break;
    (void)set_field(request, "page_token", token);
  }
  print(*whole, x.as, columns);
  for (auto& one : to->problems())
    std::cerr << "hamlet ctl: " << one << '\n';
  return static_cast<int>(to->problems().empty() ? exit::done : exit::failed);
}

// -- the friendly commands --------------------------------------------------------

/// "accounts set-role" before "metrics". @param used How many words its name has.
const verb* find_verb(const std::vector<std::string>& words, std::size_t& used) {
  for (used = std::min<std::size_t>(2, words.size()); used > 0; --used) {
    auto name = used == 2 ? words[0] + ' ' + words[1] : words[0];
    for (auto& x : verbs())
      if (x.name == name)
        return &x;
  }
  return nullptr;
}

/// The request from the words and options behind the name.
result<void> read_request(const command_line& x, const verb& what,
                          const std::vector<std::string>& values, Message& request) {
  auto fields = mail::words_of(what.fields);
  if (values.size() != fields.size())
    return fail(errc::bad_request, "usage: hamlet ctl " + usage_of(what));
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (auto set = set_field(request, fields[i], values[i]); !set)
      return set;
  auto known = mail::words_of(what.options);
  for (auto& [name, value] : x.options) {
    auto field = std::ranges::find(known, name, option_of);
    if (field == known.end())
      return fail(errc::bad_request, "unknown option --" + name);
    if (auto set = set_field(request, *field, value); !set)
      return set;
  }
  return {};
}

int run_verb(const command_line& x, const verb& what, const std::vector<std::string>& values) {
  auto* method = find_method(std::string{what.method});
  auto request = new_message(method->input_type());
  if (auto read = read_request(x, what, values, *request); !read)
    return wrong(read.error().detail);
  if (auto filled = fill_in(x, *request); !filled)
    return wrong(filled.error().detail);
  if (!what.confirm.empty() && !x.is_sure && !x.only_validates
      && !node::confirms(values.front() + ": " + std::string{what.confirm}))
    return wrong("nothing was changed; --yes does it without a question");
  if (!what.secret.empty()) {
    auto secret = node::ask_password(values.empty() ? "it" : values.front());
    if (!secret)
      return wrong(secret.error().detail);
    (void)set_field(*request, std::string{what.secret}, *secret);
    crypto::wipe(*secret);
  }
  return call(x, *method, *request, mail::words_of(what.columns), true);
}

// -- any method -------------------------------------------------------------------

const google::protobuf::DescriptorPool& pool() {
  return *find_method("Accounts/List")->file()->pool();
}

int list(const command_line& x) {
  std::set<std::string> services;
  node::table rows{{"METHOD", "ROLE", ""}};
  for (auto& one : admin::methods()) {
    std::string service{one.service()};
    auto is_meant =
      x.words.size() > 1 && (service == x.words[1] || service.ends_with('.' + x.words[1]));
    services.insert(service);
    if (is_meant)
      rows.push_back({std::string{one.name}, std::string{admin::to_string(one.needs)},
                      one.writes ? "writes" : ""});
  }
  if (x.words.size() > 1) {
    if (rows.size() == 1)
      return wrong("there is no service " + x.words[1]);
    node::print_table(rows);
    return 0;
  }
  services.insert("grpc.health.v1.Health");
  for (auto& name : services)
    std::cout << name << '\n';
  return 0;
}

int describe(const command_line& x) {
  if (x.words.size() != 2)
    return wrong("usage: hamlet ctl describe NAME");
  for (auto& prefix : {"", "hamlet.admin.v1.", "grpc.health.v1."}) {
    auto name = prefix + x.words[1];
    std::ranges::replace(name, '/', '.');
    if (auto* service = pool().FindServiceByName(name))
      return std::cout << service->DebugString(), 0;
    if (auto* message = pool().FindMessageTypeByName(name))
      return std::cout << message->DebugString(), 0;
    if (auto* method = pool().FindMethodByName(name)) {
      std::cout << method->DebugString();
      if (auto* about = admin::find_method(path_of(*method)))
        std::cout << "// role: " << admin::to_string(about->needs) << '\n';
      std::cout << method->input_type()->DebugString() << method->output_type()->DebugString();
      return 0;
    }
  }
  return wrong("there is no service, method or message " + x.words[1]);
}

int call_any(command_line x) {
  if (x.words.size() < 2 || x.words.size() > 3 || !x.options.empty())
    return wrong("usage: hamlet ctl call METHOD [JSON]");
  auto* method = find_method(x.words[1]);
  if (!method || method->client_streaming() || method->server_streaming())
    return wrong("there is no method " + x.words[1] + " that can be called so: hamlet ctl list");
  auto request = new_message(method->input_type());
  std::string text = x.words.size() == 3 ? x.words[2] : "";
  auto secret = method->input_type()->FindFieldByName("password");
  if (secret && text.find("\"password\"") != text.npos)
    return wrong("a password never comes as an argument, which others can read: give the JSON on "
                 "standard input");
  if (x.words.size() == 2 && ::isatty(STDIN_FILENO) == 0) {
    text.resize(largest_request);
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
  }
  if (!text.empty())
    if (auto read = read_json(text, *request); !read)
      return wrong(read.error().detail);
  if (auto filled = fill_in(x, *request); !filled)
    return wrong(filled.error().detail);
  return call(x, *method, *request, {}, false);
}

} // namespace

int run(const std::vector<std::string>& words, const std::string& socket) {
  auto x = read_words(words, socket);
  if (!x)
    return wrong(x.error().detail);
  auto group = x->words.empty() ? std::string{} : x->words[0];
  if (x->is_help || group.empty() || group == "help") {
    help(x->is_help || !group.empty() ? std::cout : std::cerr, group == "help" ? "" : group);
    return static_cast<int>(x->is_help || !group.empty() ? exit::done : exit::wrong_usage);
  }
  if (group == "list")
    return list(*x);
  if (group == "describe")
    return describe(*x);
  if (group == "call")
    return call_any(std::move(*x));
  std::size_t used = 0;
  if (auto* what = find_verb(x->words, used))
    return run_verb(*x, *what,
                    {x->words.begin() + static_cast<std::ptrdiff_t>(used), x->words.end()});
  std::cerr << "hamlet ctl: there is no command \"" << group
            << (x->words.size() > 1 ? " " + x->words[1] : "") << "\"\n";
  if (!list_verbs(std::cerr, group))
    std::cerr << "`hamlet ctl --help` lists them\n";
  return static_cast<int>(exit::wrong_usage);
}

} // namespace hamlet::ctl
