// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/postgres_values.hpp"

#include <bit>
#include <cstring>
#include <endian.h>
#include <libpq-fe.h>

namespace hamlet::sql {

namespace {

// catalog/pg_type.dat: these never change.
constexpr Oid oid_bool = 16, oid_bytes = 17, oid_int8 = 20, oid_int2 = 21, oid_int4 = 23,
              oid_text = 25, oid_numeric = 1700;

template <class T>
T big_endian(const char* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  if constexpr (sizeof x == 8)
    return static_cast<T>(be64toh(x));
  else if constexpr (sizeof x == 4)
    return static_cast<T>(be32toh(x));
  else
    return static_cast<T>(be16toh(x));
}

/// A sum of whole numbers is a "numeric": count of digits, weight of the first, sign, scale, and
/// the digits to the base of 10,000.
std::int64_t whole_numeric(const char* at) {
  auto digits = big_endian<std::uint16_t>(at);
  auto weight = static_cast<std::int16_t>(big_endian<std::uint16_t>(at + 2));
  auto negative = big_endian<std::uint16_t>(at + 4) == 0x4000;
  std::uint64_t x = 0;
  for (int n = 0; n <= weight; ++n)
    x = x * 10'000 + (n < digits ? big_endian<std::uint16_t>(at + 8 + 2 * n) : 0);
  return static_cast<std::int64_t>(negative ? 0 - x : x);
}

} // namespace

parameter::parameter(std::int64_t x) : type_{type::number}, size_{8} {
  number_ = std::bit_cast<std::array<char, 8>>(htobe64(static_cast<std::uint64_t>(x)));
}

unsigned parameter::oid() const {
  return type_ == type::number ? oid_int8 : type_ == type::text ? oid_text : oid_bytes;
}

const char* parameter::data() const {
  if (is_null_)
    return nullptr;
  return type_ == type::number ? number_.data() : data_;
}

void rows::clear::operator()(pg_result* x) const {
  PQclear(x);
}

int rows::count() const {
  return result_ ? PQntuples(result_.get()) : 0;
}

void rows::read(int row, int column, std::int64_t& x) const {
  x = 0;
  if (PQgetisnull(result_.get(), row, column))
    return;
  auto* at = PQgetvalue(result_.get(), row, column);
  switch (PQftype(result_.get(), column)) {
  case oid_int8: x = static_cast<std::int64_t>(big_endian<std::uint64_t>(at)); break;
  case oid_int4: x = static_cast<std::int32_t>(big_endian<std::uint32_t>(at)); break;
  case oid_int2: x = static_cast<std::int16_t>(big_endian<std::uint16_t>(at)); break;
  case oid_bool: x = *at; break;
  case oid_numeric: x = whole_numeric(at); break;
  default: break; // a text that is read as a number is 0
  }
}

void rows::read(int row, int column, std::string_view& x) const {
  x = {PQgetvalue(result_.get(), row, column),
       static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

void rows::read(int row, int column, std::string& x) const {
  std::string_view seen;
  read(row, column, seen);
  x = seen;
}

void rows::read(int row, int column, std::optional<std::string>& x) const {
  if (!PQgetisnull(result_.get(), row, column))
    read(row, column, x.emplace());
}

} // namespace hamlet::sql
