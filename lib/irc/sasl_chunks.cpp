// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/sasl_chunks.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/text/base64.hpp"

#include <utility>

namespace hamlet::irc {

std::vector<std::string> split_sasl(std::string_view bytes) {
  auto text = base64::encode(bytes);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size(); at += sasl_chunk_size)
    out.push_back(text.substr(at, sasl_chunk_size));
  if (text.size() % sasl_chunk_size == 0)
    out.emplace_back("+");
  return out;
}

sasl_chunks::step sasl_chunks::add(std::string_view chunk) {
  auto end = [this](step x) {
    crypto::wipe(text_); // a password may be in it
    return x;
  };
  if (chunk == "*")
    return end(step::aborted);
  if (chunk.size() > sasl_chunk_size || text_.size() + chunk.size() > max_size_)
    return end(step::too_long);
  if (chunk != "+")
    text_ += chunk;
  if (chunk.size() == sasl_chunk_size)
    return step::more;
  auto bytes = base64::decode(text_);
  if (!bytes)
    return end(step::bad);
  bytes_ = std::move(*bytes);
  return end(step::done);
}

std::string sasl_chunks::take() {
  return std::exchange(bytes_, {});
}

} // namespace hamlet::irc
