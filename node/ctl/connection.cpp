// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/connection.hpp"

#include "gateway/link/callback_queue.hpp"
#include "hamlet/admin/v1/call.pb.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <fstream>
#include <future>

namespace hamlet::ctl {

namespace {

constexpr std::size_t largest_reply = 16u << 20;

result<std::string> read_file(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  return file && !text.empty() ? result<std::string>{std::move(text)}
                               : fail(errc::bad_setup, "cannot read " + name);
}

/// All blocks of PEM of one kind: "CERTIFICATE", "PRIVATE KEY".
std::vector<std::string> blocks_of(const std::string& text, const std::string& kind) {
  std::vector<std::string> found;
  auto begin = "-----BEGIN " + kind + "-----";
  auto end = "-----END " + kind + "-----";
  for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    auto last = text.find(end, at);
    if (last == text.npos)
      break;
    last += end.size();
    found.push_back(text.substr(at, last - at) + "\n");
    at = last;
  }
  return found;
}

/// The certificate and key of an administrator, and the authority behind them.
result<void> read_papers(const target& to, grpc::SslCredentialsOptions& into) {
  if (!to.authority_file.empty()) {
    auto text = read_file(to.authority_file);
    if (!text)
      return tl::unexpected{text.error()};
    into.pem_root_certs = std::move(*text);
  }
  if (to.certificate_file.empty())
    return {};
  auto text = read_file(to.certificate_file);
  if (!text)
    return tl::unexpected{text.error()};
  auto certificates = blocks_of(*text, "CERTIFICATE");
  auto keys = blocks_of(*text, "PRIVATE KEY");
  if (certificates.empty() || keys.empty())
    return fail(errc::bad_setup, to.certificate_file + " has no certificate and key");
  into.pem_cert_chain = certificates.front();
  into.pem_private_key = keys.front();
  if (into.pem_root_certs.empty() && certificates.size() > 1)
    into.pem_root_certs = certificates.back();
  return {};
}

failure failure_of(const grpc::Status& x, const grpc::ClientContext& of) {
  failure found{static_cast<admin::status>(x.error_code()), x.error_message(), {}};
  auto& trailer = of.GetServerTrailingMetadata();
  auto at = trailer.find("grpc-status-details-bin");
  admin::v1::Failure more;
  if (at == trailer.end()
      || !more.ParseFromArray(at->second.data(), static_cast<int>(at->second.size())))
    return found;
  for (auto& detail : more.details()) {
    admin::v1::BadFields fields;
    if (detail.type_url().ends_with("/hamlet.admin.v1.BadFields")
        && fields.ParseFromString(detail.value()))
      for (auto& field : fields.field())
        found.bad.emplace_back(field.name(), field.problem());
  }
  return found;
}

} // namespace

struct connection::impl {
  target to;
  std::string token;
  std::unique_ptr<grpc::GenericStub> stub;
};

connection::connection(std::unique_ptr<impl> x) : impl_{std::move(x)} {
}
connection::connection(connection&&) noexcept = default;
connection::~connection() = default;

result<connection> connection::open(const target& to) {
  link::keep_callback_queue();
  auto made = std::make_unique<impl>();
  made->to = to;
  grpc::ChannelArguments options;
  options.SetMaxReceiveMessageSize(static_cast<int>(largest_reply));
  options.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  std::shared_ptr<grpc::ChannelCredentials> papers;
  if (!to.token_file.empty()) {
    auto text = read_file(to.token_file);
    if (!text)
      return tl::unexpected{text.error()};
    made->token = text->substr(0, text->find_first_of("\r\n"));
  }
  if (to.address.empty()) {
    papers = grpc::InsecureChannelCredentials(); // the file system says who may
  } else {
    grpc::SslCredentialsOptions tls;
    if (auto read = read_papers(to, tls); !read)
      return tl::unexpected{read.error()};
    papers = grpc::SslCredentials(tls);
    if (!to.server_name.empty())
      options.SetSslTargetNameOverride(to.server_name);
  }
  made->stub = std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
    to.address.empty() ? "unix:" + to.socket : to.address, papers, options));
  return connection{std::move(made)};
}

tl::expected<void, failure> connection::call(const std::string& method,
                                             const google::protobuf::Message& request,
                                             google::protobuf::Message& reply) {
  grpc::ClientContext of;
  of.set_deadline(std::chrono::system_clock::now() + impl_->to.patience);
  if (!impl_->token.empty())
    of.AddMetadata("authorization", "Bearer " + impl_->token);
  grpc::Slice whole{request.SerializeAsString()};
  grpc::ByteBuffer out{&whole, 1}, in;
  std::promise<grpc::Status> ended;
  impl_->stub->UnaryCall(&of, "/" + method, {}, &out, &in,
                         [&](grpc::Status x) { ended.set_value(std::move(x)); });
  auto status = ended.get_future().get();
  if (!status.ok())
    return tl::unexpected{failure_of(status, of)};
  problems_.clear();
  auto [first, last] = of.GetServerTrailingMetadata().equal_range("hamlet-problem-bin");
  for (; first != last; ++first)
    problems_.emplace_back(first->second.data(), first->second.size());
  std::vector<grpc::Slice> parts;
  std::string bytes;
  if (in.Dump(&parts).ok())
    for (auto& x : parts)
      bytes.append(reinterpret_cast<const char*>(x.begin()), x.size());
  if (!reply.ParseFromString(bytes))
    return tl::unexpected{failure{admin::status::internal, "the reply cannot be read", {}}};
  return {};
}

} // namespace hamlet::ctl
