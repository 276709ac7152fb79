// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/reflection.hpp"
#include "grpc/reflection/v1alpha/reflection.pb.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <set>

namespace hamlet::admin {

namespace {

using namespace grpc::reflection::v1alpha;

ServerReflectionResponse ask(const ServerReflectionRequest& x) {
  ServerReflectionResponse answer;
  EXPECT_TRUE(answer.ParseFromString(reflect(x.SerializeAsString())));
  return answer;
}

ServerReflectionResponse ask_symbol(const std::string& name) {
  ServerReflectionRequest x;
  x.set_file_containing_symbol(name);
  return ask(x);
}

} // namespace

TEST(Reflection, ListsTheServices) {
  ServerReflectionRequest x;
  x.set_list_services("*");
  std::set<std::string> names;
  auto answer = ask(x);
  for (auto& one : answer.list_services_response().service())
    names.insert(one.name());
  for (auto* name : {"hamlet.admin.v1.Accounts", "hamlet.admin.v1.Audit", "grpc.health.v1.Health",
                     "grpc.reflection.v1alpha.ServerReflection"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Reflection, GivesAFileWithAllThatItImports) {
  auto answer = ask_symbol("hamlet.admin.v1.Accounts");
  std::set<std::string> files, imports;
  for (auto& bytes : answer.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(bytes));
    EXPECT_TRUE(files.insert(file.name()).second) << file.name();
    imports.insert(file.dependency().begin(), file.dependency().end());
  }
  EXPECT_TRUE(files.contains("hamlet/admin/v1/accounts.proto"));
  for (auto& name : imports)
    EXPECT_TRUE(files.contains(name)) << name;
}

TEST(Reflection, FindsFilesByNameAndMethodsByTheirs) {
  ServerReflectionRequest x;
  x.set_file_by_filename("hamlet/admin/v1/domains.proto");
  EXPECT_EQ(ask(x).file_descriptor_response().file_descriptor_proto_size(), 1);
  EXPECT_TRUE(ask_symbol("hamlet.admin.v1.Domains.List").has_file_descriptor_response());
  EXPECT_TRUE(ask_symbol("hamlet.admin.v1.Account").has_file_descriptor_response());
}

TEST(Reflection, ShowsNothingElseOfTheProgram) {
  for (auto* name :
       {"hamlet.account.v1.CheckPassword", "hamlet.cluster.v1.Link", "no.such.Thing", ""})
    EXPECT_EQ(ask_symbol(name).error_response().error_code(), 5) << name;
}

TEST(Reflection, AnswersWhatCannotBeRead) {
  ServerReflectionResponse answer;
  ASSERT_TRUE(answer.ParseFromString(reflect("\xFF\xFF\xFF")));
  EXPECT_EQ(answer.error_response().error_code(), 3);
  ASSERT_TRUE(answer.ParseFromString(reflect({})));
  EXPECT_TRUE(answer.has_error_response());
}

} // namespace hamlet::admin
