// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/rpc_server.hpp"

#include "gateway/admin/rpc_call_impl.hpp"
#include "gateway/link/callback_queue.hpp"
#include "lib/log/log.hpp"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <sys/stat.h>
#include <sys/un.h>

namespace hamlet::admin {

namespace {

constexpr int handshake_ms = 5'000;
constexpr int idle_ms = 600'000;          // a connection without a call
constexpr int streams = 16;               // of one connection
constexpr std::size_t memory = 64u << 20; // of gRPC for all connections
constexpr std::chrono::seconds patience{2};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const rpc_options& x) {
  // The key of a certificate is proven by TLS; what it is good for, caller.cpp says for each call,
  // so that who is refused hears why.
  grpc::SslServerCredentialsOptions tls{GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY};
  tls.pem_key_cert_pairs.push_back({x.key, x.certificate});
  return grpc::SslServerCredentials(tls);
}

bool is_socket(const std::string& path) {
  struct stat seen {};
  return ::lstat(path.c_str(), &seen) == 0 && S_ISSOCK(seen.st_mode);
}

/// A socket that a killed process has left is taken over; anything else is somebody's.
result<void> is_free(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return fail(errc::bad_setup, "admin.socket: the path is too long: " + path);
  struct stat seen {};
  if (::lstat(path.c_str(), &seen) != 0 || S_ISSOCK(seen.st_mode))
    return {};
  auto what = S_ISDIR(seen.st_mode)   ? "a folder"
              : S_ISLNK(seen.st_mode) ? "a link"
              : S_ISREG(seen.st_mode) ? "a file"
                                      : "something";
  return fail(errc::bad_setup, "admin.socket: " + path + " is " + what
                                 + " and no socket: move it away, or set another path");
}

} // namespace

class rpc_server::impl {
public:
  impl(rpc_options options, rpc_handlers from)
      : shared_{std::move(options), std::move(from)}, service_{shared_} {}

  result<void> start() {
    link::keep_callback_queue();
    auto& x = shared_.options;
    if (auto free = is_free(x.socket); !free)
      return free;
    grpc::ServerBuilder builder;
    grpc::ResourceQuota quota{"admin"};
    builder.SetResourceQuota(quota.Resize(memory));
    builder.RegisterCallbackGenericService(&service_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(x.max_request));
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, handshake_ms);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, idle_ms);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, streams);
    int local = 0;
    std::vector<int> found(x.listen.size(), 0);
    if (!x.socket.empty())
      builder.AddListeningPort("unix:" + x.socket, grpc::InsecureServerCredentials(), &local);
    for (std::size_t i = 0; i < x.listen.size(); ++i)
      builder.AddListeningPort(x.listen[i], credentials_of(x), &found[i]);
    server_ = builder.BuildAndStart();
    if (!x.socket.empty() && (!server_ || local == 0))
      return fail(errc::bad_setup, "admin.socket: cannot listen on " + x.socket);
    for (std::size_t i = 0; i < found.size(); ++i)
      if (!server_ || found[i] == 0)
        return fail(errc::bad_setup, "admin.listen: cannot listen on " + x.listen[i]);
    if (!x.socket.empty())
      ::chmod(x.socket.c_str(), 0600);
    for (auto port : found)
      ports.push_back(static_cast<std::uint16_t>(port));
    return {};
  }

  void close() {
    if (!server_)
      return;
    shared_.is_closing = true;
    server_->Shutdown(std::chrono::system_clock::now() + patience);
    server_.reset();
    if (is_socket(shared_.options.socket))
      ::unlink(shared_.options.socket.c_str());
  }

  std::vector<std::uint16_t> ports;

private:
  rpc_shared shared_;
  rpc_service service_;
  std::unique_ptr<grpc::Server> server_;
};

rpc_server::rpc_server(std::unique_ptr<impl> x) : impl_{std::move(x)} {
}

rpc_server::~rpc_server() {
  close();
}

result<std::unique_ptr<rpc_server>> rpc_server::open(rpc_options options, rpc_handlers from) {
  auto made = std::make_unique<impl>(std::move(options), std::move(from));
  if (auto started = made->start(); !started)
    return tl::unexpected{started.error()};
  return std::unique_ptr<rpc_server>{new rpc_server{std::move(made)}};
}

const std::vector<std::uint16_t>& rpc_server::ports() const {
  return impl_->ports;
}

void rpc_server::close() {
  impl_->close();
}

} // namespace hamlet::admin
