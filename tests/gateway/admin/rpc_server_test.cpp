// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/rpc_server.hpp"
#include "grpc/health/v1/health.pb.h"
#include "hamlet/admin/v1/accounts.pb.h"
#include "lib/admin/status.hpp"
#include "lib/admin/token.hpp"
#include "lib/base/clock.hpp"
#include "lib/pki/authority.hpp"
#include "lib/pki/request.hpp"

#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace hamlet::admin {

namespace {

constexpr auto list_accounts = "/hamlet.admin.v1.Accounts/List";

struct papers {
  std::string certificate, key;
};

/// The door with a real socket and real TLS; in the place of the ADMIN there is a test.
class RpcServer : public ::testing::Test {
protected:
  RpcServer() { start(64); }
  ~RpcServer() override {
    server.reset();
    std::filesystem::remove_all(folder);
  }

  void start(std::size_t calls) {
    server.reset();
    auto own = node_papers("alpha");
    rpc_options options{folder + "/s", {"127.0.0.1:0"}, own.certificate, own.key, calls, 100'000};
    rpc_handlers from;
    from.ask = [this](v1::Call call, rpc_handlers::answered done) {
      {
        std::lock_guard lock{mutex};
        heard.push_back(call);
      }
      answer(call, std::move(done));
    };
    from.trust = [this] { return believes; };
    from.problems = [this] {
      return is_well ? std::vector<std::string>{} : std::vector<std::string>{"no tea"};
    };
    auto opened = rpc_server::open(std::move(options), std::move(from));
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    server = std::move(*opened);
  }

  static papers node_papers(const std::string& name) {
    auto wanted = *pki::make_request(name);
    return {ca.sign(wanted.request, name, unix_seconds())->pem, wanted.key};
  }
  static papers admin_papers(const pki::authority& by, std::int64_t from = unix_seconds(),
                             std::int64_t life = pki::day) {
    auto wanted = *pki::make_request("ann");
    return {by.sign_admin(wanted.request, "ann", "operator", from, life)->pem, wanted.key};
  }

  std::shared_ptr<grpc::Channel> local() {
    return grpc::CreateChannel("unix:" + folder + "/s", grpc::InsecureChannelCredentials());
  }
  std::shared_ptr<grpc::Channel> remote(const papers& mine = {}) {
    grpc::SslCredentialsOptions tls{ca.certificate_pem(), mine.key, mine.certificate};
    grpc::ChannelArguments options;
    options.SetSslTargetNameOverride("alpha.node.hamlet");
    options.SetInt("grpc.use_local_subchannel_pool", 1); // each test has its own TLS
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->ports().at(0)),
                                     grpc::SslCredentials(tls), options);
  }

  struct outcome {
    grpc::Status status;
    std::string reply;
    std::multimap<std::string, std::string> trailer;
  };
  /// One call, on its way.
  struct under_way {
    explicit under_way(const std::shared_ptr<grpc::Channel>& to) : stub{to} {}
    grpc::GenericStub stub;
    grpc::ClientContext context;
    grpc::ByteBuffer out, in;
    std::promise<grpc::Status> ended;
  };
  static std::unique_ptr<under_way> begin(const std::shared_ptr<grpc::Channel>& to,
                                          const std::string& method,
                                          const std::string& request = {},
                                          const std::string& authorization = {}) {
    auto x = std::make_unique<under_way>(to);
    grpc::Slice whole{request};
    x->out = grpc::ByteBuffer{&whole, 1};
    x->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{20});
    if (!authorization.empty())
      x->context.AddMetadata("authorization", authorization);
    x->stub.UnaryCall(&x->context, method, {}, &x->out, &x->in,
                      [p = x.get()](grpc::Status s) { p->ended.set_value(std::move(s)); });
    return x;
  }
  static outcome end(std::unique_ptr<under_way> x) {
    outcome got{x->ended.get_future().get(), {}, {}};
    std::vector<grpc::Slice> parts;
    if (x->in.Valid() && x->in.Dump(&parts).ok())
      for (auto& one : parts)
        got.reply.append(reinterpret_cast<const char*>(one.begin()), one.size());
    for (auto& [key, value] : x->context.GetServerTrailingMetadata())
      got.trailer.emplace(std::string{key.data(), key.size()},
                          std::string{value.data(), value.size()});
    return got;
  }
  template <class... More>
  static outcome call(const std::shared_ptr<grpc::Channel>& to, const std::string& method,
                      const More&... more) {
    return end(begin(to, method, more...));
  }

  v1::Caller last_caller() {
    std::lock_guard lock{mutex};
    return heard.empty() ? v1::Caller{} : heard.back().caller();
  }

  static inline const pki::authority ca = *pki::authority::make("tea", unix_seconds());
  std::string folder = [] {
    std::string name = std::filesystem::temp_directory_path() / "hamlet-XXXXXX";
    return std::string{mkdtemp(name.data())};
  }();
  std::optional<pki::trust> believes = *pki::trust::load(ca.certificate_pem(), {});
  std::atomic<bool> is_well = true;
  std::function<void(const v1::Call&, rpc_handlers::answered)> answer =
    [](const v1::Call& x, const rpc_handlers::answered& done) {
      v1::Answer reply;
      reply.set_reply("seen " + x.request());
      done(reply);
    };
  std::mutex mutex;
  std::vector<v1::Call> heard;
  std::unique_ptr<rpc_server> server;
};

} // namespace

TEST_F(RpcServer, HandsACallOnAndItsReplyBack) {
  auto got = call(local(), list_accounts, std::string{"x"});
  EXPECT_TRUE(got.status.ok()) << got.status.error_message();
  EXPECT_EQ(got.reply, "seen x");
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].method(), "hamlet.admin.v1.Accounts/List");
}

TEST_F(RpcServer, KnowsWhoComesByTheSocketOfThisMachine) {
  call(local(), list_accounts);
  EXPECT_TRUE(last_caller().is_local());
  struct stat about {};
  ASSERT_EQ(::stat((folder + "/s").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u); // nobody else gets as far
}

TEST_F(RpcServer, KnowsAnAdministratorByCertificate) {
  EXPECT_TRUE(call(remote(admin_papers(ca)), list_accounts).status.ok());
  EXPECT_EQ(last_caller().certificate(), "ann");
  EXPECT_EQ(last_caller().role(), "operator");
  EXPECT_FALSE(last_caller().is_local());
}

TEST_F(RpcServer, SaysWhatIsWrongWithACertificate) {
  auto other = *pki::authority::make("tea", unix_seconds());
  auto problem_of = [&](const papers& mine) {
    call(remote(mine), list_accounts);
    auto who = last_caller();
    EXPECT_EQ(who.certificate(), "");
    EXPECT_EQ(who.role(), "");
    EXPECT_FALSE(who.is_local());
    return who.problem();
  };
  EXPECT_NE(problem_of(admin_papers(other)).find("another authority"), std::string::npos);
  EXPECT_NE(problem_of(node_papers("beta")).find("names none"), std::string::npos);
  EXPECT_NE(problem_of(admin_papers(ca, unix_seconds() - 1000, 500)).find("expired"),
            std::string::npos);
  auto revoked = admin_papers(ca);
  auto serial = believes->check_admin(revoked.certificate, unix_seconds()).serial;
  believes = *believes->with(*ca.list({{serial, unix_seconds()}}, 1, unix_seconds()));
  EXPECT_NE(problem_of(revoked).find("revoked"), std::string::npos);
  believes.reset();
  EXPECT_NE(problem_of(admin_papers(ca)).find("no authority"), std::string::npos);
}

TEST_F(RpcServer, LetsNoTokenMendABadCertificate) {
  auto token = make_token();
  call(remote(node_papers("beta")), list_accounts, std::string{}, "Bearer " + token);
  EXPECT_NE(last_caller().problem(), "");
  EXPECT_EQ(last_caller().token(), "");
}

TEST_F(RpcServer, HandsOnTheHashOfATokenAndNeverTheToken) {
  auto token = make_token();
  call(remote(), list_accounts, std::string{}, "Bearer " + token);
  EXPECT_EQ(last_caller().token(), *token_hash(token));
  EXPECT_EQ(heard.back().SerializeAsString().find(token), std::string::npos);
  call(remote(), list_accounts, std::string{}, std::string{"Bearer nonsense"});
  EXPECT_EQ(last_caller().token(), "");
  EXPECT_NE(last_caller().problem(), "");
}

TEST_F(RpcServer, IsNoServerToThoseWithoutTls) {
  auto plain = grpc::CreateChannel("127.0.0.1:" + std::to_string(server->ports().at(0)),
                                   grpc::InsecureChannelCredentials());
  EXPECT_EQ(call(plain, list_accounts).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(heard.empty());
}

TEST_F(RpcServer, RefusesWithTheCodeAndTheFields) {
  answer = [](const v1::Call&, const rpc_handlers::answered& done) {
    v1::Answer no;
    no.set_code(static_cast<int>(status::invalid_argument));
    no.set_message("role: is none");
    no.add_bad()->set_name("role");
    done(no);
  };
  auto got = call(local(), list_accounts);
  EXPECT_EQ(got.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(got.status.error_message(), "role: is none");
  v1::Failure more;
  ASSERT_TRUE(more.ParseFromString(got.trailer.find("grpc-status-details-bin")->second));
  EXPECT_EQ(more.code(), 3);
  v1::BadFields fields;
  ASSERT_TRUE(fields.ParseFromString(more.details(0).value()));
  EXPECT_EQ(fields.field(0).name(), "role");
}

TEST_F(RpcServer, KnowsNoOtherMethod) {
  for (auto* name : {"/hamlet.admin.v1.Accounts/Explode", "/x", "/hamlet.cluster.v1.Link/Connect"})
    EXPECT_EQ(call(local(), name).status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << name;
  EXPECT_TRUE(heard.empty());
}

TEST_F(RpcServer, TakesNoRequestThatIsTooLarge) {
  auto got = call(local(), list_accounts, std::string(200'000, 'x'));
  EXPECT_FALSE(got.status.ok());
  EXPECT_TRUE(heard.empty());
}

TEST_F(RpcServer, RefusesMoreCallsThanItMayHave) {
  start(2);
  std::vector<rpc_handlers::answered> waiting;
  std::promise<void> both;
  answer = [&](const v1::Call&, rpc_handlers::answered done) {
    std::lock_guard lock{mutex};
    waiting.push_back(std::move(done));
    if (waiting.size() == 2)
      both.set_value();
  };
  auto to = local();
  auto first = begin(to, list_accounts);
  auto second = begin(to, list_accounts);
  both.get_future().wait();
  EXPECT_EQ(call(to, list_accounts).status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  for (auto& x : waiting)
    x({});
  EXPECT_TRUE(end(std::move(first)).status.ok());
  EXPECT_TRUE(end(std::move(second)).status.ok());
}

TEST_F(RpcServer, SaysWhetherTheNodeIsWell) {
  using grpc::health::v1::HealthCheckResponse;
  auto check = [&](const std::string& service = {}) {
    grpc::health::v1::HealthCheckRequest x;
    x.set_service(service);
    return call(remote(), "/grpc.health.v1.Health/Check", x.SerializeAsString());
  };
  auto status_of = [&](const outcome& x) {
    HealthCheckResponse reply;
    EXPECT_TRUE(reply.ParseFromString(x.reply));
    return reply.status();
  };
  EXPECT_EQ(status_of(check()), HealthCheckResponse::SERVING);
  EXPECT_EQ(status_of(check("hamlet.admin.v1.Accounts")), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("no.Such").status.error_code(), grpc::StatusCode::NOT_FOUND);
  is_well = false;
  auto sick = check();
  EXPECT_EQ(status_of(sick), HealthCheckResponse::NOT_SERVING);
  auto why = sick.trailer.find("hamlet-problem-bin");
  ASSERT_NE(why, sick.trailer.end());
  EXPECT_EQ(why->second, "no tea");
}

TEST_F(RpcServer, TellsAWatcherWhenItChanges) {
  auto to = local();
  grpc::GenericStub stub{to};
  grpc::ClientContext context;
  grpc::CompletionQueue events;
  auto step = [&] {
    void* which = nullptr;
    bool ok = false;
    return events.Next(&which, &ok) && ok;
  };
  auto read = [&](auto& stream) {
    grpc::ByteBuffer in;
    stream.Read(&in, nullptr);
    EXPECT_TRUE(step());
    grpc::Slice whole;
    grpc::health::v1::HealthCheckResponse reply;
    EXPECT_TRUE(in.DumpToSingleSlice(&whole).ok());
    EXPECT_TRUE(reply.ParseFromArray(whole.begin(), static_cast<int>(whole.size())));
    return reply.status();
  };
  auto stream = stub.PrepareCall(&context, "/grpc.health.v1.Health/Watch", &events);
  stream->StartCall(nullptr);
  ASSERT_TRUE(step());
  grpc::Slice nothing{"", 0};
  stream->Write(grpc::ByteBuffer{&nothing, 1}, nullptr);
  ASSERT_TRUE(step());
  using grpc::health::v1::HealthCheckResponse;
  EXPECT_EQ(read(*stream), HealthCheckResponse::SERVING);
  is_well = false;
  EXPECT_EQ(read(*stream), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
  grpc::Status end;
  stream->Finish(&end, nullptr);
  step();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::CANCELLED);
  events.Shutdown();
}

TEST_F(RpcServer, EndsThoughSomebodyWaits) {
  std::promise<rpc_handlers::answered> held;
  answer = [&](const v1::Call&, rpc_handlers::answered done) { held.set_value(std::move(done)); };
  auto waits = begin(local(), list_accounts);
  auto done = held.get_future().get();
  auto closed = std::async(std::launch::async, [this] { server->close(); });
  EXPECT_FALSE(end(std::move(waits)).status.ok()); // cut off, when its patience is over
  done({});
  closed.get();
}

TEST_F(RpcServer, SaysWhereItCannotListen) {
  auto port = std::to_string(server->ports().at(0));
  auto own = node_papers("alpha");
  auto again = rpc_server::open({"", {"127.0.0.1:" + port}, own.certificate, own.key}, {});
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().detail.find(port), std::string::npos);
  auto deep = rpc_server::open({folder + "/" + std::string(120, 'x'), {}, "", ""}, {});
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().code, errc::bad_setup);
}

TEST_F(RpcServer, LeavesAloneWhatIsInThePlaceOfItsSocket) {
  auto at = folder + "/notes";
  std::ofstream{at} << "mine";
  auto opened = rpc_server::open({at, {}, "", ""}, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, errc::bad_setup);
  EXPECT_EQ(opened.error().detail, "admin.socket: " + at
                                     + " is a file and no socket: move it away, or set another "
                                       "path");
  EXPECT_EQ(std::filesystem::file_size(at), 4u);
  opened = rpc_server::open({folder, {}, "", ""}, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().detail.find("is a folder"), std::string::npos);
  std::filesystem::remove(folder + "/s"); // somebody has put something else there meanwhile
  std::ofstream{folder + "/s"} << "mine, too";
  server->close();
  EXPECT_EQ(std::filesystem::file_size(folder + "/s"), 9u);
}

TEST_F(RpcServer, TakesTheSocketOfADeadProcess) {
  auto at = folder + "/left";
  auto fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  at.copy(name.sun_path, sizeof(name.sun_path) - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  ::close(fd);
  EXPECT_TRUE(rpc_server::open({at, {}, "", ""}, {}).has_value());
}

} // namespace hamlet::admin
