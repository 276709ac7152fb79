// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/smtp/session.hpp"
#include "lib/mail/header_scan.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::smtp {

/// The text of one message while it arrives by DATA or BDAT: finds its end, undoes the
/// dot-stuffing, judges line ends and size, reads the header section, and cuts what is to be
/// stored into pieces. Keeps one piece at most. Octets may come in any portions.
class message_text {
public:
  struct rules {
    std::uint64_t max_size;
    int max_received;
    bare_newline stray;
    bool by_dot; ///< DATA; else BDAT, whose end is known from outside
    bool binary; ///< BODY=BINARYMIME: the body may hold any octet; the header may not
  };
  static constexpr std::size_t max_piece = 64u << 10;

  explicit message_text(const rules& r) : rules_{r} {}

  /// Reads from the begin of `in`. Returns how much: less than all when the text has ended or a
  /// piece is full.
  std::size_t read(std::string_view in);
  /// The lone dot has come (RFC 5321 §4.1.1.4). Never true of BDAT.
  bool has_ended() const { return state_ == state::ended; }
  /// No more will come: completes the last line and judges the whole.
  void finish();

  bool has_full_piece() const;
  bool has_piece() const { return !piece_.empty(); }
  std::string take_piece();
  /// Octets of the pieces taken.
  std::uint64_t sent() const { return sent_; }
  /// The pieces taken are void: none of them is to be discarded again.
  void forget_sent() { sent_ = 0; }

  /// From now on the text is read and thrown away. The first reason stays.
  void refuse(reply why);
  const std::optional<reply>& refusal() const { return refusal_; }

  const mail::header_facts& facts() const { return scanner_.facts(); }
  bool is_8bit() const { return is_8bit_; }
  /// Has what text may not have: NUL, bare CR or LF, more than 998 octets in a line
  /// (RFC 5322 §2.1.1), an open last line. Only with `binary`.
  bool is_binary() const { return is_binary_; }

private:
  enum class state : std::uint8_t {
    line_start, ///< behind CRLF, or nothing has come
    middle,
    cr,     ///< a CR has come, not yet put
    dot,    ///< a dot at the begin of a line, not yet put
    dot_cr, ///< that and a CR
    ended
  };

  std::string_view read_lines(std::string_view in);
  void stray(char which);
  void end_text_line();
  void put(std::string_view octets);
  void judge_octets(std::string_view octets);
  std::string_view put_header(std::string_view octets);
  void put_in_line(std::string_view octets);
  bool can_judge_field(bool at_end) const;
  void judge_field();
  void end_line();

  rules rules_;
  state state_ = state::line_start;
  std::size_t column_ = 0; ///< octets of the current line
  std::uint64_t size_ = 0; ///< octets put
  std::uint64_t sent_ = 0;
  std::string piece_;
  std::optional<reply> refusal_;
  bool is_8bit_ = false;
  bool is_binary_ = false;
  bool is_finished_ = false;

  // The header section, line by line.
  mail::header_scanner scanner_;
  bool in_header_ = true;
  std::string line_;        ///< its first max_field octets
  bool is_judged_ = false;  ///< it is known whether the line is kept
  bool is_dropped_ = false; ///< this field is Return-Path
  bool is_from_ = false;    ///< this field may be From
  std::size_t field_size_ = 0;
};

} // namespace hamlet::smtp
