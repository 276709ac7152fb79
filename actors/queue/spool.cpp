// SPDX-License-Identifier: Apache-2.0
#include "actors/queue/queue.hpp"
#include "actors/resume.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/mail/binary.hpp"

using namespace std::chrono_literals;

// Texts that are too large for memory, or that must be changed before they are kept: what blocks
// on the disk runs on the workers.

namespace hamlet {

namespace {

constexpr auto store_timeout = 25s;

/// Writes a text as a file that a row may refer to.
result<sql::content> publish_bytes(blob_store& blobs, std::string_view bytes) {
  return blobs.create()
    .and_then(
      [&](blob_writer file) { return file.append(bytes).and_then([&] { return file.publish(); }); })
    .map([&](std::string sha256) {
      return sql::content{{}, std::move(sha256), static_cast<std::int64_t>(bytes.size())};
    });
}

/// RFC 3030 §3: our readers take lines, so what has none is encoded. The file of the original is
/// referred to by nobody, and the sweeper takes it.
result<sql::content> encoded(blob_store& blobs, sql::content what, std::size_t inline_limit) {
  if (!what.sha256.empty()) {
    auto whole = blobs.read(what.sha256, 0, static_cast<std::uint64_t>(what.size));
    if (!whole)
      return tl::unexpected{whole.error()};
    what.bytes = std::move(*whole);
  }
  auto text = mail::to_text(what.bytes);
  if (!text)
    return fail(errc::bad_request, "binary text that cannot be encoded");
  if (text->size() > inline_limit)
    return publish_bytes(blobs, *text);
  auto size = static_cast<std::int64_t>(text->size());
  return sql::content{std::move(*text), {}, size};
}

} // namespace

caf::result<mail::v1::Spooled> queue_state::append(const mail::v1::SpoolAppend& msg) {
  auto id = msg.spool_id();
  if (!spools.contains(id) && spools.size() >= parts->rules->get()->max_spools)
    return to_caf({errc::busy, "too many large messages at once"});
  auto& entry = spools[id];
  if (entry.busy)
    return to_caf({errc::bad_request, "pieces of one spool come one at a time"});
  entry.busy = true;
  entry.touched = self->clock().now();
  auto promise = self->make_response_promise<mail::v1::Spooled>();
  using written = std::shared_ptr<blob_writer>;
  auto then = [this, id, size = msg.data().size(), promise](result<written> file) mutable {
    auto& written_to = spools[id];
    written_to.busy = false;
    if (file) {
      written_to.file = *file;
      written_to.size += static_cast<std::int64_t>(size);
    }
    if (!file || written_to.discarded)
      spools.erase(id);
    settle(promise, file.map([](const written&) { return mail::v1::Spooled{}; }));
  };
  auto done = resume<written>(self, limits, store_timeout, std::move(then));
  auto taken = parts->workers->submit(
    [blobs = parts->blobs, file = entry.file, bytes = msg.data(), done]() mutable {
      if (!file) {
        auto made = blobs->create();
        if (!made)
          return done(tl::unexpected{made.error()});
        file = std::make_shared<blob_writer>(std::move(*made));
      }
      done(file->append(bytes).map([&] { return file; }));
    });
  if (!taken)
    done(fail(errc::busy, "the workers have too much to do"));
  return promise;
}

void queue_state::discard(std::int64_t spool_id) {
  auto found = spools.find(spool_id);
  if (found == spools.end())
    return;
  if (found->second.busy)
    found->second.discarded = true; // a worker holds it: its answer removes it
  else
    spools.erase(found);
}

/// Those of clients that are gone, should their last word have been lost.
void queue_state::drop_stale_spools() {
  auto limit = self->clock().now() - 1h;
  std::erase_if(spools, [&](auto& x) { return !x.second.busy && x.second.touched < limit; });
}

// The file first, then the row that refers to it: a crash between the two
// leaves a file that nobody knows, and the sweeper takes it.
void queue_state::store_text(sql::new_mail fresh, std::shared_ptr<blob_writer> file, bool is_binary,
                             accepted promise) {
  auto what = std::make_shared<sql::content>(std::move(fresh.what));
  auto then = [this, mail = std::move(fresh), promise](result<sql::content> kept) mutable {
    if (!kept)
      return refuse(promise, kept.error());
    mail.what = std::move(*kept);
    write_down(std::move(mail), promise);
  };
  auto done = resume<sql::content>(self, limits, store_timeout, std::move(then));
  auto limit = parts->rules->get()->inline_limit;
  auto job = [blobs = parts->blobs, what, file, is_binary, limit, done] {
    result<sql::content> kept = std::move(*what);
    if (file)
      kept = file->publish().map([&](std::string sha256) {
        return sql::content{{}, std::move(sha256), kept->size};
      });
    if (kept && is_binary)
      kept = encoded(*blobs, std::move(*kept), limit);
    else if (kept && kept->bytes.size() > limit)
      kept = publish_bytes(*blobs, kept->bytes);
    done(std::move(kept));
  };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "the workers have too much to do"));
}

} // namespace hamlet
