// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/reflection.hpp"

#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "hamlet/admin/v1/accounts.pb.h"
#include "hamlet/admin/v1/call.pb.h"
#include "hamlet/admin/v1/chat.pb.h"
#include "hamlet/admin/v1/cluster.pb.h"
#include "hamlet/admin/v1/domains.pb.h"
#include "hamlet/admin/v1/mail.pb.h"
#include "hamlet/admin/v1/system.pb.h"
#include "lib/admin/methods.hpp"
#include "lib/admin/status.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>

namespace hamlet::admin {

namespace {

using namespace grpc::reflection::v1alpha;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

constexpr std::string_view health = "grpc.health.v1.Health";

std::set<std::string> services() {
  std::set<std::string> names{std::string{health}};
  for (auto& x : methods())
    names.emplace(x.service());
  return names;
}

/// Files that an asker may see: those of the services, and what they import.
const std::set<const FileDescriptor*>& shown_files() {
  static const auto* files = [] {
    auto* all = new std::set<const FileDescriptor*>;
    auto* pool = DescriptorPool::generated_pool();
    auto add = [all](const FileDescriptor* file, auto& again) -> void {
      if (!file || !all->insert(file).second)
        return;
      for (int i = 0; i < file->dependency_count(); ++i)
        again(file->dependency(i), again);
    };
    // Named, so that the linker brings each file.
    for (auto* file : {v1::BadFields::descriptor()->file(), v1::Account::descriptor()->file(),
                       v1::Ban::descriptor()->file(), v1::Domain::descriptor()->file(),
                       v1::Node::descriptor()->file(), v1::QueuedMessage::descriptor()->file(),
                       v1::Sample::descriptor()->file(),
                       grpc::health::v1::HealthCheckRequest::descriptor()->file()})
      add(file, add);
    for (auto& name : services())
      if (auto* service = pool->FindServiceByName(name))
        add(service->file(), add);
    return all;
  }();
  return *files;
}

void refuse(status why, const std::string& text, ServerReflectionResponse& answer) {
  auto& no = *answer.mutable_error_response();
  no.set_error_code(static_cast<std::int32_t>(why));
  no.set_error_message(text);
}

/// A file and all that it imports, those that are imported last.
void give(const FileDescriptor* file, ServerReflectionResponse& answer) {
  if (!file || !shown_files().contains(file))
    return refuse(status::not_found, "there is no such thing here", answer);
  std::set<const FileDescriptor*> given;
  auto& out = *answer.mutable_file_descriptor_response();
  auto add = [&](const FileDescriptor* one, auto& again) -> void {
    if (!given.insert(one).second)
      return;
    google::protobuf::FileDescriptorProto text;
    one->CopyTo(&text);
    out.add_file_descriptor_proto(text.SerializeAsString());
    for (int i = 0; i < one->dependency_count(); ++i)
      again(one->dependency(i), again);
  };
  add(file, add);
}

} // namespace

std::string reflect(std::string_view bytes) {
  ServerReflectionRequest asked;
  ServerReflectionResponse answer;
  if (!asked.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse(status::invalid_argument, "the request cannot be read", answer);
    return answer.SerializeAsString();
  }
  auto* pool = DescriptorPool::generated_pool();
  answer.set_valid_host(asked.host());
  *answer.mutable_original_request() = asked;
  switch (asked.message_request_case()) {
  case ServerReflectionRequest::kListServices:
    for (auto& name : services())
      answer.mutable_list_services_response()->add_service()->set_name(name);
    break;
  case ServerReflectionRequest::kFileByFilename:
    give(pool->FindFileByName(asked.file_by_filename()), answer);
    break;
  case ServerReflectionRequest::kFileContainingSymbol:
    give(pool->FindFileContainingSymbol(asked.file_containing_symbol()), answer);
    break;
  case ServerReflectionRequest::kAllExtensionNumbersOfType: // nothing here is extended
    answer.mutable_all_extension_numbers_response()->set_base_type_name(
      asked.all_extension_numbers_of_type());
    break;
  case ServerReflectionRequest::kFileContainingExtension:
  case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
    refuse(status::not_found, "there is no such thing here", answer);
  }
  return answer.SerializeAsString();
}

} // namespace hamlet::admin
