// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/durability.hpp"
#include "storage/sql/postgres.hpp"
#include "tests/support/held_writer.hpp"

#include <fstream>
#include <latch>

namespace hamlet::sql {

class PostgresWriter : public HeldWriter {
protected:
  PostgresWriter() {
    change("CREATE FUNCTION conflict() RETURNS void LANGUAGE plpgsql AS "
           "$$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$");
  }

  /// Ends the connection of others from outside, and waits until it is gone.
  void terminate(std::int64_t backend) const {
    auto db = open();
    ASSERT_TRUE(db.run("SELECT pg_terminate_backend($1::int)", backend).has_value());
    auto left = std::tuple<std::int64_t>{1};
    while (std::get<0>(left) != 0)
      left =
        **db.row<std::int64_t>("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend);
  }

  std::vector<database> lanes(std::size_t n) const {
    std::vector<database> all;
    while (all.size() < n)
      all.push_back(open());
    return all;
  }

  static result<std::int64_t> put(database& db, std::int64_t id) { return insert(id)(db); }
};

// -- what fails later than it is told -----------------------------------------------------------

TEST_F(PostgresWriter, ShowsAFailureAtTheNextStatementThatAnswers) {
  auto db = open();
  ASSERT_TRUE(db.begin().has_value());
  EXPECT_TRUE(put(db, 1).has_value());
  EXPECT_TRUE(put(db, 1).has_value()); // told
  EXPECT_EQ(db.row<std::int64_t>("SELECT 1").error().code, errc::already_exists);
  EXPECT_EQ(put(db, 2).error().code, errc::already_exists); // nothing goes on
  EXPECT_EQ(db.commit().error().code, errc::already_exists);
  EXPECT_TRUE(db.in_autocommit());
  EXPECT_EQ(count(), 0);
}

TEST_F(PostgresWriter, ShowsAFailureAtCommitAtTheLatest) {
  auto db = open();
  ASSERT_TRUE(db.begin().has_value());
  EXPECT_TRUE(put(db, 1).has_value());
  EXPECT_TRUE(put(db, 1).has_value());
  EXPECT_EQ(db.commit().error().code, errc::already_exists);
  EXPECT_EQ(count(), 0);
  ASSERT_TRUE(db.begin().has_value()); // and the connection is of use
  EXPECT_TRUE(put(db, 1).has_value());
  EXPECT_TRUE(db.commit().has_value());
  EXPECT_EQ(count(), 1);
}

TEST_F(PostgresWriter, LeavesNoTraceOfAFailedNeighbour) {
  std::vector<answer> answers(6);
  writer w{open(), {}, {}};
  hold(w);
  for (std::int64_t i = 0; i < 6; ++i)
    w.submit<std::int64_t>(
      [i](database& db) -> result<std::int64_t> {
        auto done = put(db, i).and_then([&](auto) { return put(db, 100 + i); });
        if (i == 2) // of its own accord, with a failure under way that nobody has seen
          return put(db, i), fail(errc::over_quota);
        return i == 4 ? put(db, 0) : done; // told, and said to be well
      },
      into(answers[static_cast<std::size_t>(i)]));
  release();
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(refusal(answers[i]), i == 2   ? errc::over_quota
                                   : i == 4 ? errc::already_exists
                                            : errc::none)
      << i;
  EXPECT_EQ(count(), 8);
  EXPECT_EQ(number("SELECT count(*) FROM body WHERE body_id IN (2, 102, 4, 104)"), 0);
}

// -- what is run again --------------------------------------------------------------------------

TEST_F(PostgresWriter, RunsTheWholeBatchAgainAfterAConflict) {
  answer before, conflicts, after;
  int runs = 0;
  writer w{open(), {}, {}};
  hold(w);
  w.submit<std::int64_t>(insert(1), into(before));
  w.submit<std::int64_t>(
    [&](database& db) {
      if (++runs <= 3)
        (void)db.run("SELECT conflict()");
      return put(db, 2);
    },
    into(conflicts));
  w.submit<std::int64_t>(insert(3), into(after));
  release();
  for (auto* x : {&before, &conflicts, &after})
    EXPECT_EQ(refusal(*x), errc::none);
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(count(), 3);
}

TEST_F(PostgresWriter, SaysBusyWhenAConflictDoesNotEnd) {
  answer a;
  writer w{open(), {}, {}};
  w.submit<std::int64_t>(
    [](database& db) {
      (void)db.run("SELECT conflict()");
      return put(db, 1);
    },
    into(a));
  EXPECT_EQ(refusal(a), errc::busy);
  EXPECT_EQ(count(), 0);
}

TEST_F(PostgresWriter, EndsADeadlockOfTwoLanes) {
  change("INSERT INTO counter (name, value) VALUES ('a', 0), ('b', 0)");
  std::latch both{2};
  auto grow = [&](std::string_view first, std::string_view second) {
    return [&both, first, second,
            waited = std::make_shared<bool>()](database& db) -> result<std::int64_t> {
      constexpr query grow_one = "UPDATE counter SET value = value + 1 WHERE name = $1";
      auto done = db.change(grow_one, first);
      if (!std::exchange(*waited, true))
        both.arrive_and_wait();
      return done.and_then([&](auto) { return db.change(grow_one, second); });
    };
  };
  answer one, two;
  writer w{lanes(2), {}, {}};
  w.submit<std::int64_t>(lane_key{0}, grow("a", "b"), into(one));
  w.submit<std::int64_t>(lane_key{1}, grow("b", "a"), into(two));
  EXPECT_EQ(refusal(one), errc::none);
  EXPECT_EQ(refusal(two), errc::none);
  EXPECT_EQ(number("SELECT sum(value) FROM counter WHERE name IN ('a', 'b')"), 4);
}

TEST_F(PostgresWriter, RunsTheBatchAgainWhenTheConnectionBreaksBeforeCommit) {
  struct {
    const char* when;
    bool asks; ///< after the break, so that it is seen there
  } cases[] = {{"at a statement", true}, {"at COMMIT, before it is sent", false}};
  std::int64_t id = 0;
  writer w{open(), {}, {}};
  for (auto& x : cases) {
    answer a, neighbour;
    int runs = 0;
    w.submit<std::int64_t>(
      [&, id](database& db) -> result<std::int64_t> {
        auto done = put(db, 10 * id);
        if (++runs == 1) {
          (void)db.settle();
          terminate(db.remote()->backend());
        }
        return x.asks ? db.row<std::int64_t>("SELECT 1").and_then([&](auto) { return done; })
                      : done;
      },
      into(a));
    w.submit<std::int64_t>(insert(10 * id + 1), into(neighbour));
    EXPECT_EQ(refusal(a), errc::none) << x.when;
    EXPECT_EQ(refusal(neighbour), errc::none) << x.when;
    EXPECT_EQ(runs, 2) << x.when;
    EXPECT_EQ(count(), 2 * ++id) << x.when;
  }
}

TEST_F(PostgresWriter, DoesNothingOutsideOfTheTransactionThatWasLost) {
  answer a;
  writer w{open(), {}, {}};
  w.submit<std::int64_t>(
    [&](database& db) -> result<std::int64_t> {
      (void)db.settle();
      terminate(db.remote()->backend());
      (void)db.row<std::int64_t>("SELECT 1"); // it would not notice
      (void)put(db, 1);
      (void)db.row<std::int64_t>("SELECT 1");
      return fail(errc::over_quota);
    },
    into(a));
  EXPECT_NE(refusal(a), errc::none);
  EXPECT_EQ(count(), 0);
}

// -- COMMIT -------------------------------------------------------------------------------------

TEST_F(PostgresWriter, SaysNeitherYesNorAgainWhenTheConnectionBreaksDuringCommit) {
  // At the end of the transaction the server is busy for a long while.
  change("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
         "$$ BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END $$;"
         "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON body DEFERRABLE INITIALLY DEFERRED "
         "FOR EACH ROW EXECUTE FUNCTION slow()");
  auto blocker = open();
  ASSERT_TRUE(blocker.script("SELECT pg_advisory_lock(77)").has_value());
  answer a;
  std::atomic<int> runs = 0;
  std::atomic<int> backend = 0;
  writer w{open(), {}, [](const error& e) { FAIL() << e.detail; }};
  w.submit<std::int64_t>(
    [&](database& db) {
      ++runs;
      backend = db.remote()->backend();
      return put(db, 1);
    },
    into(a));
  while (number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND query = 'COMMIT'")
         == 0) {
  }
  terminate(backend);
  EXPECT_EQ(refusal(a), errc::store_failed);
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(blocker.script("SELECT pg_advisory_unlock(77)").has_value());
  answer next;
  w.submit<std::int64_t>(insert(2), into(next));
  EXPECT_EQ(refusal(next), errc::none);
}

TEST_F(PostgresWriter, SaysNoYesWhileTheStandbyHasNotConfirmed) {
  postgres_server own;
  postgres_database at{own};
  auto watch = database::connect({.conninfo = own.conninfo("postgres")}).value();
  auto require = [&](const std::string& standbys) {
    EXPECT_TRUE(watch.script("ALTER SYSTEM SET synchronous_standby_names = '" + standbys + "'"));
    EXPECT_TRUE(watch.script("SELECT pg_reload_conf()"));
  };
  require("nobody");
  answer a;
  {
    writer w{at.connect(), {}, {}};
    w.submit<std::int64_t>(insert(1), into(a));
    std::int64_t waiting = 0;
    while (waiting == 0)
      waiting = std::get<0>(**watch.row<std::int64_t>(
        "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));
    // As an administrator who is tired of waiting: it is committed here, and nowhere else.
    ASSERT_TRUE(watch.run("SELECT pg_cancel_backend($1::int)", waiting).has_value());
    EXPECT_EQ(refusal(a), errc::store_failed);
  }
  require("");
  auto there = at.connect().row<std::int64_t>("SELECT count(*) FROM body");
  EXPECT_EQ(std::get<0>(**there), 1); // why the caller must come again with the same id
}

// -- servers that go and come -------------------------------------------------------------------

TEST_F(PostgresWriter, GoesOnWithTheNextServerOfTheList) {
  auto first = std::make_unique<postgres_server>();
  postgres_server second;
  for (const postgres_server* x : {first.get(), &second}) {
    x->command("postgres", "CREATE DATABASE mine");
    auto db = database::connect({.conninfo = x->conninfo("mine")}).value();
    ASSERT_TRUE(migrate(db).has_value());
  }
  auto hosts = "host=" + first->folder() + "," + second.folder() + " user=hamlet dbname=mine";
  answer a, b;
  writer w{database::connect({.conninfo = hosts}).value(), {}, {}};
  w.submit<std::int64_t>(insert(1), into(a));
  EXPECT_EQ(refusal(a), errc::none);
  first.reset();
  w.submit<std::int64_t>(insert(2), into(b));
  EXPECT_EQ(refusal(b), errc::none);
  auto there = database::connect({.conninfo = second.conninfo("mine")})
                 .value()
                 .row<std::int64_t>("SELECT sum(body_id) FROM body");
  EXPECT_EQ(std::get<0>(**there), 2);
}

TEST_F(PostgresWriter, TakesNoServerThatOnlyReads) {
  postgres_server follows;
  follows.command("postgres", "CREATE DATABASE mine");
  follows.command("postgres", "ALTER SYSTEM SET default_transaction_read_only = on");
  follows.command("postgres", "SELECT pg_reload_conf()");
  auto only = database::connect({.conninfo = follows.conninfo("mine")});
  ASSERT_FALSE(only.has_value());
  EXPECT_EQ(only.error().code, errc::bad_setup);
}

TEST_F(PostgresWriter, GivesUpAfterAWhileWithoutEndingTheProcess) {
  auto server = std::make_unique<postgres_server>();
  server->command("postgres", "CREATE DATABASE mine");
  answer a;
  writer w{database::connect(
             {.conninfo = server->conninfo("mine"), .patience = std::chrono::milliseconds{200}})
             .value(),
           {},
           [](const error& e) { FAIL() << e.detail; }};
  server.reset();
  w.submit<std::int64_t>(insert(1), into(a));
  EXPECT_EQ(refusal(a), errc::store_failed);
  answer b;
  w.submit<std::int64_t>(insert(1), into(b));
  EXPECT_EQ(refusal(b), errc::store_failed);
}

TEST_F(PostgresWriter, ReadsAgainWhenTheConnectionOfAReaderBreaks) {
  readers views{one_reader(), 10};
  int runs = 0;
  auto found = wait<std::int64_t>([&](auto done) {
    views.submit<std::int64_t>(
      [&](database& db) {
        if (++runs == 1)
          terminate(db.remote()->backend());
        return db.row<std::int64_t>("SELECT count(*) FROM body").map([](auto x) {
          return std::get<0>(*x);
        });
      },
      done);
  });
  EXPECT_EQ(found.value(), 0);
  EXPECT_EQ(runs, 2);
}

TEST_F(PostgresWriter, ReadsOneViewOfTheStore) {
  readers views{one_reader(), 10};
  auto found = wait<std::int64_t>([&](auto done) {
    views.submit<std::int64_t>(
      [&](database& db) {
        constexpr query all = "SELECT count(*) FROM body";
        auto first = std::get<0>(**db.row<std::int64_t>(all));
        EXPECT_TRUE(put(*std::make_unique<database>(open()), 1).has_value());
        return result<std::int64_t>{first + 10 * std::get<0>(**db.row<std::int64_t>(all))};
      },
      done);
  });
  EXPECT_EQ(found.value(), 0);
  EXPECT_EQ(count(), 1);
}

// -- how it is reached --------------------------------------------------------------------------

TEST_F(PostgresWriter, WantsNoPasswordAmongTheSettings) {
  auto refused = database::connect({.conninfo = remote->conninfo("password=secret")});
  EXPECT_EQ(refused.error().code, errc::bad_setup);
  EXPECT_EQ(refused.error().detail.find("secret"), std::string::npos);
}

TEST_F(PostgresWriter, WantsAPasswordFileThatIsForItsOwnerAlone) {
  auto file = folder + "/password";
  std::ofstream{file} << "secret\n";
  auto with_mode = [&](mode_t mode) {
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    return database::connect({.conninfo = remote->conninfo(), .password_file = file});
  };
  EXPECT_EQ(with_mode(0644).error().code, errc::bad_setup);
  EXPECT_TRUE(with_mode(0600).has_value());
  std::filesystem::remove(file);
  auto missing = database::connect({.conninfo = remote->conninfo(), .password_file = file});
  EXPECT_EQ(missing.error().code, errc::bad_setup);
}

TEST_F(PostgresWriter, NamesTheWaysInWhichAcknowledgedMailCouldBeLost) {
  auto risks = [](database db) { return durability_of(db).value().risks.size(); };
  auto with = [&](const std::string& settings) {
    auto db = open();
    EXPECT_TRUE(db.script("SET synchronous_commit = " + settings).has_value());
    return risks(std::move(db));
  };
  auto always = with("on"); // of the tests' own server: no fsync, no standby
  EXPECT_EQ(always, 3u);
  EXPECT_EQ(with("off"), always + 1);
}

TEST_F(PostgresWriter, DoesNotTakeStandbysThatItMayNotSeeForNone) {
  auto db = open();
  EXPECT_EQ(durability_of(db).value().standbys, 0);
  ASSERT_TRUE(db.script("SET ROLE pg_checkpoint").has_value()); // any without the right
  EXPECT_EQ(durability_of(db).value().standbys, -1);
}

TEST_F(PostgresWriter, ReadsWholeNumbersOfEachKind) {
  auto db = open();
  auto found = db.row<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
    "SELECT 7::smallint, -8, 9::bigint, sum(x), x IS NULL FROM (SELECT -123456789012 AS x) t "
    "GROUP BY x");
  EXPECT_EQ(**found,
            (std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>{
              7, -8, 9, -123456789012, 0}));
}

} // namespace hamlet::sql
