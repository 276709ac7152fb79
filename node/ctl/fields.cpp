// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/fields.hpp"

#include "grpc/health/v1/health.pb.h"
#include "hamlet/admin/v1/accounts.pb.h"
#include "hamlet/admin/v1/chat.pb.h"
#include "hamlet/admin/v1/cluster.pb.h"
#include "hamlet/admin/v1/domains.pb.h"
#include "hamlet/admin/v1/mail.pb.h"
#include "hamlet/admin/v1/system.pb.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>

namespace hamlet::ctl {

namespace {

using namespace google::protobuf;

template <class T>
std::optional<T> number_of(const std::string& text) {
  T x{};
  auto* end = text.data() + text.size();
  auto [at, wrong] = std::from_chars(text.data(), end, x);
  return wrong == std::errc{} && at == end ? std::optional{x} : std::nullopt;
}

tl::unexpected<error> wrong(const std::string& field, const std::string& expected) {
  return fail(errc::bad_request, field + " must be " + expected);
}

result<void> set_one(Message& into, const FieldDescriptor& field, const std::string& text) {
  auto& how = *into.GetReflection();
  using F = FieldDescriptor;
  switch (field.cpp_type()) {
  case F::CPPTYPE_STRING:
    if (field.is_repeated())
      how.AddString(&into, &field, text);
    else
      how.SetString(&into, &field, text);
    return {};
  case F::CPPTYPE_BOOL:
    if (text != "true" && text != "false" && !text.empty())
      return wrong(field.name(), "true or false");
    how.SetBool(&into, &field, text != "false");
    return {};
  case F::CPPTYPE_INT32:
    if (auto x = number_of<int32_t>(text)) {
      field.is_repeated() ? how.AddInt32(&into, &field, *x) : how.SetInt32(&into, &field, *x);
      return {};
    }
    return wrong(field.name(), field.is_repeated() ? "numbers, such as 7,8" : "a number");
  case F::CPPTYPE_INT64:
    if (auto x = number_of<int64_t>(text))
      return how.SetInt64(&into, &field, *x), result<void>{};
    return wrong(field.name(), "a number");
  default: return wrong(field.name(), "given as JSON: hamlet ctl call");
  }
}

} // namespace

const MethodDescriptor* find_method(const std::string& name) {
  // Files that nothing else of this program needs are linked all the same.
  static const auto* files = [] {
    return new std::vector<const FileDescriptor*>{
      admin::v1::Account::descriptor()->file(),
      admin::v1::Ban::descriptor()->file(),
      admin::v1::Domain::descriptor()->file(),
      admin::v1::Node::descriptor()->file(),
      admin::v1::QueuedMessage::descriptor()->file(),
      admin::v1::Sample::descriptor()->file(),
      grpc::health::v1::HealthCheckRequest::descriptor()->file()};
  }();
  auto dotted = name;
  std::ranges::replace(dotted, '/', '.');
  auto* pool = files->front()->pool();
  if (auto* found = pool->FindMethodByName(dotted))
    return found;
  return pool->FindMethodByName("hamlet.admin.v1." + dotted);
}

std::string path_of(const MethodDescriptor& x) {
  return x.service()->full_name() + '/' + x.name();
}

std::unique_ptr<Message> new_message(const Descriptor* type) {
  return std::unique_ptr<Message>{MessageFactory::generated_factory()->GetPrototype(type)->New()};
}

result<void> set_field(Message& into, const std::string& field, const std::string& text) {
  auto* found = into.GetDescriptor()->FindFieldByName(field);
  if (!found)
    return fail(errc::bad_request,
                "there is no " + field + " in " + std::string{into.GetDescriptor()->name()});
  if (!found->is_repeated())
    return set_one(into, *found, text);
  for (std::size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    if (auto set = set_one(into, *found, text.substr(begin, end - begin)); !set)
      return set;
    begin = end + 1;
  }
  return {};
}

bool has_field(const Message& x, const std::string& field) {
  return x.GetDescriptor()->FindFieldByName(field) != nullptr;
}

result<void> read_json(const std::string& text, Message& into) {
  auto read = util::JsonStringToMessage(text, &into);
  if (!read.ok())
    return fail(errc::bad_request, "the request: " + std::string{read.message()});
  return {};
}

} // namespace hamlet::ctl
