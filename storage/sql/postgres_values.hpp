// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/query.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

struct pg_result;

namespace hamlet::sql {

/// A parameter on its way to PostgreSQL, in binary. Its type follows from the C++ type and is told
/// to the server, so that a statement needs no casts. Refers to the caller's bytes.
class parameter {
public:
  enum class type : std::uint8_t { number, text, bytes };

  static parameter of(std::string_view x) { return {type::text, x}; }
  static parameter of(blob x) { return {type::bytes, x.bytes}; }
  template <std::integral T>
  static parameter of(T x) {
    return parameter{static_cast<std::int64_t>(x)};
  }
  template <class T>
  static parameter of(const std::optional<T>& x) {
    if (x)
      return of(*x);
    auto none = of(T{});
    none.is_null_ = true;
    return none;
  }

  type kind() const { return type_; }
  unsigned oid() const;     ///< of the type, as the server numbers it
  const char* data() const; ///< nullptr: NULL
  int size() const { return size_; }

private:
  parameter(type t, std::string_view x)
      : type_{t}, size_{static_cast<int>(x.size())}, data_{x.data() ? x.data() : ""} {}
  explicit parameter(std::int64_t x); ///< in the order of octets of the network

  type type_;
  bool is_null_ = false;
  int size_;
  const char* data_ = nullptr;
  std::array<char, 8> number_{};
};

/// What a statement answered with, whole and in memory; every column in binary.
class rows {
public:
  explicit rows(pg_result* x = nullptr) : result_{x} {}

  int count() const;
  void read(int row, int column, std::int64_t& x) const; ///< any kind of whole number, or a truth
  void read(int row, int column, std::string_view& x) const; ///< valid as long as the rows
  void read(int row, int column, std::string& x) const;
  void read(int row, int column, std::optional<std::string>& x) const;

  pg_result* get() const { return result_.get(); }

private:
  struct clear {
    void operator()(pg_result* x) const;
  };
  std::unique_ptr<pg_result, clear> result_;
};

} // namespace hamlet::sql
