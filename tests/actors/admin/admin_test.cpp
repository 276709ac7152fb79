// SPDX-License-Identifier: Apache-2.0
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "lib/log/capture.hpp"
#include "tests/actors/admin/admin_fixture.hpp"

#include <google/protobuf/descriptor.h>

#include <set>

namespace hamlet::admin {

TEST_F(AdminTest, AnswersEveryMethodOfTheTable) {
  std::set<std::string_view> all;
  for (auto& x : methods())
    all.insert(x.name);
  auto known = deref<admin_state>(admin).known();
  EXPECT_EQ((std::set<std::string_view>{known.begin(), known.end()}), all);
}

TEST_F(AdminTest, HasEveryMethodOfItsServicesInTheTable) {
  std::set<std::string_view> services;
  for (auto& x : methods())
    services.insert(x.service());
  auto* pool =
    grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file()->pool(); // linked
  for (auto* file : {v1::Account::descriptor()->file(), v1::Ban::descriptor()->file(),
                     v1::Node::descriptor()->file(), v1::QueuedMessage::descriptor()->file(),
                     v1::Domain::descriptor()->file(), v1::Sample::descriptor()->file()})
    for (int i = 0; i < file->service_count(); ++i)
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        auto* method = file->service(i)->method(j);
        EXPECT_NE(find_method(file->service(i)->full_name() + '/' + method->name()), nullptr)
          << method->full_name();
      }
  for (auto& x : methods()) // and nothing that is not defined
    EXPECT_NE(pool->FindServiceByName(std::string{x.service()}), nullptr) << x.name;
}

TEST_F(AdminTest, TakesWhatWritesForWhatWrites) {
  auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (auto& x : methods()) {
    if (!x.service().starts_with("hamlet."))
      continue;
    auto* service = pool->FindServiceByName(std::string{x.service()});
    auto* type =
      service->FindMethodByName(std::string{x.name.substr(x.name.find('/') + 1)})->input_type();
    EXPECT_EQ(type->FindFieldByName("request_id") != nullptr, x.writes) << x.name;
    EXPECT_EQ(type->FindFieldByName("validate_only") != nullptr, x.writes) << x.name;
    auto is_list = x.name.ends_with("/List");
    EXPECT_EQ(type->FindFieldByName("page_token") != nullptr, is_list) << x.name;
  }
}

// -- who may ------------------------------------------------------------------

TEST_F(AdminTest, LetsNobodyInWhoHasShownNothing) {
  EXPECT_EQ(refused("Accounts/List", v1::ListAccountsRequest{}, v1::Caller{}),
            status::unauthenticated);
}

TEST_F(AdminTest, SaysWhatIsWrongWithACertificate) {
  v1::Caller who;
  who.set_problem("certificate 12: expired");
  auto answer = call("Accounts/List", v1::ListAccountsRequest{}, who);
  EXPECT_EQ(static_cast<status>(answer.code()), status::unauthenticated);
  EXPECT_EQ(answer.message(), "certificate 12: expired");
}

TEST_F(AdminTest, LetsNobodyInWhoseCertificateHasARoleThatIsNone) {
  EXPECT_EQ(refused("Accounts/List", v1::ListAccountsRequest{}, certified("ann", "root")),
            status::unauthenticated);
}

TEST_F(AdminTest, LetsATokenInUntilItExpiresOrIsTakenBack) {
  auto who = holder("watch", "viewer", now_ms + 1000);
  EXPECT_EQ(refused("Accounts/List", v1::ListAccountsRequest{}, who), status::ok);
  EXPECT_TRUE(wait<void_t>([&](auto f) { rows.remove_token("watch", f); }).has_value());
  EXPECT_EQ(refused("Accounts/List", v1::ListAccountsRequest{}, who), status::unauthenticated);
  who = holder("watch", "viewer", now_ms + 1000);
  now_ms += 1000;
  EXPECT_EQ(refused("Accounts/List", v1::ListAccountsRequest{}, who), status::unauthenticated);
}

TEST_F(AdminTest, RefusesWhoHasNotTheRoleAndWritesItDown) {
  log::capture lines;
  auto ann = certified("ann", "operator");
  EXPECT_EQ(refused("Accounts/Create", new_account("new@example.org"), ann),
            status::permission_denied);
  EXPECT_TRUE(lines.has("certificate:ann"));
  ASSERT_EQ(audit().size(), 1u);
  EXPECT_EQ(audit()[0].who, "certificate:ann");
  EXPECT_EQ(audit()[0].outcome, "PERMISSION_DENIED");
  EXPECT_EQ(refused("Accounts/Create", new_account("new@example.org"), certified("ann", "admin")),
            status::ok);
}

TEST_F(AdminTest, RefusesAMethodThatThereIsNot) {
  EXPECT_EQ(refused("Accounts/Explode", v1::ListAccountsRequest{}), status::unimplemented);
}

TEST_F(AdminTest, RefusesARequestThatCannotBeRead) {
  v1::Call msg;
  msg.set_method("hamlet.admin.v1.Accounts/List");
  msg.set_request("\xFF\xFF");
  *msg.mutable_caller() = local();
  EXPECT_EQ(static_cast<status>(ask<v1::Answer>(admin, msg)->code()), status::invalid_argument);
}

// -- the audit, and requests that come twice --------------------------------------

TEST_F(AdminTest, DoesARequestOnceAndAnswersItTwice) {
  auto first = done<v1::Account>("Accounts/Create", new_account("new@example.org", "r1"));
  auto again = done<v1::Account>("Accounts/Create", new_account("new@example.org", "r1"));
  EXPECT_EQ(first.id(), again.id());
  EXPECT_EQ(again.address(), "new@example.org");
  EXPECT_EQ(audit().size(), 1u);
  EXPECT_EQ(refused("Accounts/Create", new_account("new@example.org", "r2")),
            status::already_exists);
}

TEST_F(AdminTest, RefusesAnotherRequestOfTheSameNumber) {
  done<v1::Account>("Accounts/Create", new_account("new@example.org", "r1"));
  auto answer = call("Accounts/Create", new_account("other@example.org", "r1"));
  EXPECT_EQ(static_cast<status>(answer.code()), status::invalid_argument);
  ASSERT_EQ(answer.bad_size(), 1);
  EXPECT_EQ(answer.bad(0).name(), "request_id");
}

TEST_F(AdminTest, KeepsNoPasswordInTheAudit) {
  v1::CreateDevicePasswordRequest x;
  x.set_request_id("r1");
  x.set_address("ann@example.org");
  x.set_name("phone");
  auto made = done<v1::DevicePassword>("DevicePasswords/Create", x);
  EXPECT_EQ(done<v1::DevicePassword>("DevicePasswords/Create", x).password(), made.password());
  auto row = open().row<std::string>("SELECT reply FROM admin_audit");
  EXPECT_EQ(std::get<0>(**row).find(made.password()), std::string::npos);
}

TEST_F(AdminTest, WritesDownWhoWhenWhatAndHowItEnded) {
  done<v1::Account>("Accounts/Create", new_account("new@example.org", "r1"));
  EXPECT_EQ(refused("Accounts/Create", new_account("ann@example.org")), status::already_exists);
  auto all = done<v1::ListAuditResponse>("Audit/List", v1::ListAuditRequest{});
  ASSERT_EQ(all.entries_size(), 2);
  EXPECT_EQ(all.entries(0).outcome(), "ALREADY_EXISTS");
  auto& first = all.entries(1);
  EXPECT_EQ(first.who(), "local");
  EXPECT_EQ(first.time_ms(), now_ms);
  EXPECT_EQ(first.method(), "Accounts/Create");
  EXPECT_EQ(first.target(), "new@example.org");
  EXPECT_EQ(first.request_id(), "r1");
  EXPECT_EQ(first.outcome(), "OK");
}

TEST_F(AdminTest, WritesNothingDownThatIsOnlyValidated) {
  auto x = new_account("new@example.org");
  x.set_validate_only(true);
  EXPECT_EQ(refused("Accounts/Create", x), status::ok);
  x.set_address("ann@example.org");
  EXPECT_EQ(refused("Accounts/Create", x), status::already_exists);
  EXPECT_TRUE(audit().empty());
  v1::GetAccountRequest get;
  get.set_address("new@example.org");
  EXPECT_EQ(refused("Accounts/Get", get), status::not_found);
}

TEST_F(AdminTest, TakesNoEndlessRequestNumber) {
  EXPECT_EQ(refused("Accounts/Create", new_account("new@example.org", std::string(65, 'x'))),
            status::invalid_argument);
}

TEST_F(AdminTest, ShowsTheAuditPageByPage) {
  for (auto* name : {"a@example.org", "b@example.org", "c@example.org"})
    done<v1::Account>("Accounts/Create", new_account(name));
  v1::ListAuditRequest x;
  x.set_page_size(2);
  auto page = done<v1::ListAuditResponse>("Audit/List", x);
  ASSERT_EQ(page.entries_size(), 2);
  x.set_page_token(page.next_page_token());
  page = done<v1::ListAuditResponse>("Audit/List", x);
  ASSERT_EQ(page.entries_size(), 1);
  EXPECT_EQ(page.entries(0).target(), "a@example.org");
  EXPECT_EQ(page.next_page_token(), "");
  x.set_page_token("x");
  EXPECT_EQ(refused("Audit/List", x), status::invalid_argument);
}

} // namespace hamlet::admin
