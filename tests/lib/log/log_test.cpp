// SPDX-License-Identifier: Apache-2.0
#include "lib/log/capture.hpp"
#include "lib/log/log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace hamlet::log {
namespace {

namespace fs = std::filesystem;

class LogFile : public testing::Test {
protected:
  LogFile() { fs::create_directories(folder_); }
  ~LogFile() override {
    (void)open({});
    fs::remove_all(folder_);
  }

  static std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream in{file};
    std::vector<std::string> lines;
    for (std::string text; std::getline(in, text);)
      lines.push_back(text);
    return lines;
  }

  fs::path folder_ = fs::temp_directory_path() / ("hamlet-log-" + std::to_string(::getpid()));
  fs::path file_ = folder_ / "hamlet.log";
};

TEST(Log, WritesFromItsLevelUpwards) {
  capture seen{level::warning};
  info("smtp", 1, "not seen");
  debug("smtp", "not seen");
  warning("smtp", 1, "seen", {{"why", "first"}});
  error("store", "seen", {{"why", "second"}});
  EXPECT_EQ(seen.lines().size(), 2u);
  EXPECT_TRUE(seen.has("warning smtp c=1 seen why=first"));
  EXPECT_TRUE(seen.has("error store seen why=second"));
}

TEST(Log, LevelChangesAtOnce) {
  capture seen{level::info};
  set_level(level::off);
  error("smtp", "not seen");
  set_level(level::debug);
  debug("smtp", "seen");
  EXPECT_EQ(seen.lines().size(), 1u);
}

TEST(Log, CaptureRestoresLevel) {
  auto before = is_on(level::debug);
  { capture seen{level::debug}; }
  EXPECT_EQ(is_on(level::debug), before);
}

TEST_F(LogFile, IsAppendedTo) {
  std::ofstream{file_} << "older\n";
  ASSERT_TRUE(open({.file = file_}));
  info("smtp", 7, "accepted");
  auto lines = lines_of(file_);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[1].ends_with(" info smtp c=7 accepted"));
}

TEST_F(LogFile, GoesOnUnderItsNameAfterReopen) {
  ASSERT_TRUE(open({.file = file_}));
  info("smtp", "first");
  fs::rename(file_, folder_ / "old");
  info("smtp", "second");
  ASSERT_TRUE(reopen());
  info("smtp", "third");
  EXPECT_EQ(lines_of(folder_ / "old").size(), 2u);
  EXPECT_EQ(lines_of(file_).size(), 1u);
}

TEST_F(LogFile, ThatCannotBeOpenedChangesNothing) {
  ASSERT_TRUE(open({.file = file_}));
  auto outcome = open({.level = level::off, .file = folder_ / "none" / "hamlet.log"});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::bad_setup);
  EXPECT_NE(outcome.error().detail.find("hamlet.log"), std::string::npos);
  info("smtp", "still here");
  EXPECT_EQ(lines_of(file_).size(), 1u);
}

TEST_F(LogFile, CountsLinesThatTheDiskDidNotTake) {
  ASSERT_TRUE(open({.file = "/dev/full"}));
  auto before = lost_lines();
  info("smtp", "lost");
  EXPECT_EQ(lost_lines(), before + 1);
}

TEST_F(LogFile, ThreadsDoNotMixTheirLines) {
  ASSERT_TRUE(open({.file = file_}));
  constexpr int each = 500;
  std::vector<std::thread> threads;
  for (std::uint64_t id = 1; id <= 4; ++id)
    threads.emplace_back([id] {
      for (int i = 0; i < each; ++i)
        info("smtp", id, "line", {{"text", "with spaces"}, {"i", i}});
    });
  for (auto& t : threads)
    t.join();
  auto lines = lines_of(file_);
  EXPECT_EQ(lines.size(), 4u * each);
  for (const auto& text : lines)
    EXPECT_NE(text.find(" line text=\"with spaces\" i="), std::string::npos);
}

} // namespace
} // namespace hamlet::log
