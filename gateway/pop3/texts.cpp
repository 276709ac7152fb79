// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/texts.hpp"

#include "lib/text/ascii.hpp"

#include <array>

namespace hamlet::pop3 {

namespace {

struct sentence {
  text which;
  std::array<std::string_view, 3> in; // English (ASCII: RFC 1939 §3), Vietnamese, Chinese
};

// A sentence must not begin with "[": that would be a response code (RFC 2449 §8).
constexpr sentence table[] = {
  {text::ready, {"{} POP3 ready", "{} POP3 sẵn sàng", "{} POP3 就绪"}},
  {text::good_bye, {"good bye", "tạm biệt", "再见"}},
  {text::nothing_deleted,
   {"nothing was deleted, try again later", "chưa xóa thư nào, hãy thử lại sau",
    "未删除任何邮件，请稍后再试"}},
  {text::going_down,
   {"the server is going down, come back soon", "máy chủ sắp dừng, hãy quay lại sau ít phút",
    "服务器即将停止，请稍后再连接"}},
  {text::capabilities, {"capabilities follow", "danh sách tính năng", "功能列表如下"}},
  {text::languages, {"languages follow", "danh sách ngôn ngữ", "语言列表如下"}},
  {text::language_set, {"now in English", "đã chuyển sang tiếng Việt", "已切换为中文"}},
  {text::language_unknown,
   {"no such language, LANG lists them", "không có ngôn ngữ này, dùng LANG để xem danh sách",
    "没有这种语言，请用 LANG 查看列表"}},
  {text::log_in_first,
   {"log in first: USER, APOP or AUTH", "hãy đăng nhập trước: USER, APOP hoặc AUTH",
    "请先登录：USER、APOP 或 AUTH"}},
  {text::logged_in_already, {"you are logged in already", "bạn đã đăng nhập rồi", "您已经登录"}},
  {text::unknown_command, {"unknown command", "lệnh không tồn tại", "未知命令"}},
  {text::syntax, {"syntax: {}", "cú pháp: {}", "语法：{}"}},
  {text::line_ends,
   {"only CR LF ends a line, and neither stands alone",
    "dòng lệnh phải kết thúc bằng CR LF, không được dùng riêng CR hay LF",
    "命令行必须以 CR LF 结尾，不得单独使用 CR 或 LF"}},
  {text::line_too_long, {"the line is too long", "dòng lệnh quá dài", "命令行过长"}},
  {text::bad_character,
   {"only printable characters are allowed", "chỉ chấp nhận ký tự in được", "只允许可打印字符"}},
  {text::bad_utf8,
   {"only ASCII is allowed here, or valid UTF-8 after UTF8",
    "ở đây chỉ chấp nhận ASCII, hoặc UTF-8 hợp lệ sau lệnh UTF8",
    "此处只允许 ASCII，或在 UTF8 命令之后使用有效的 UTF-8"}},
  {text::too_many_errors,
   {"too many errors, good bye", "quá nhiều lỗi, tạm biệt", "错误过多，再见"}},
  {text::password_please, {"now the password", "hãy gửi mật khẩu", "请发送密码"}},
  {text::user_first,
   {"USER comes right before PASS", "phải gửi USER ngay trước PASS", "PASS 之前必须先发送 USER"}},
  {text::needs_tls,
   {"passwords are accepted inside TLS only: STLS first, or use the TLS port",
    "chỉ nhận mật khẩu qua TLS: hãy gửi STLS trước, hoặc dùng cổng TLS",
    "仅在 TLS 连接中接受密码：请先发送 STLS，或使用 TLS 端口"}},
  {text::wrong_login, {"wrong name or password", "sai tên hoặc mật khẩu", "用户名或密码错误"}},
  {text::disabled,
   {"this account is disabled, ask the administrator",
    "tài khoản này đã bị khóa, hãy liên hệ quản trị viên", "此帐户已被停用，请联系管理员"}},
  {text::try_later,
   {"not possible now, try again later", "hiện chưa thực hiện được, hãy thử lại sau",
    "暂时无法执行，请稍后再试"}},
  {text::in_use,
   {"another session has the maildrop open", "hộp thư đang được một phiên khác sử dụng",
    "另一个会话正在使用该邮箱"}},
  {text::too_soon,
   {"you logged in a moment ago, wait a little", "bạn vừa mới đăng nhập, hãy đợi một lát",
    "您刚刚登录过，请稍候"}},
  {text::no_apop, {"APOP is not offered", "không hỗ trợ APOP", "不提供 APOP"}},
  {text::no_mechanism,
   {"this mechanism is not offered", "không hỗ trợ cơ chế này", "不提供该认证机制"}},
  {text::mechanisms, {"mechanisms follow", "danh sách cơ chế xác thực", "认证机制列表如下"}},
  {text::cancelled, {"authentication cancelled", "đã hủy xác thực", "认证已取消"}},
  {text::bad_base64,
   {"this is not valid base64", "dữ liệu base64 không hợp lệ", "base64 数据无效"}},
  {text::bad_response,
   {"this does not belong to the mechanism", "dữ liệu không đúng với cơ chế xác thực",
    "数据不符合该认证机制"}},
  {text::begin_tls, {"begin TLS now", "hãy bắt đầu TLS", "请开始 TLS"}},
  {text::tls_already, {"TLS is active already", "TLS đã được bật", "TLS 已启用"}},
  {text::no_tls, {"TLS is not offered", "không hỗ trợ TLS", "不提供 TLS"}},
  {text::tls_before_utf8,
   {"STLS comes before UTF8", "phải gửi STLS trước UTF8", "STLS 必须在 UTF8 之前"}},
  {text::utf8_mode, {"UTF-8 from now on", "từ bây giờ dùng UTF-8", "现在使用 UTF-8"}},
  {text::one_message, {"{} message ({} octets)", "{} thư ({} octet)", "{} 封邮件（{} 字节）"}},
  {text::messages, {"{} messages ({} octets)", "{} thư ({} octet)", "{} 封邮件（{} 字节）"}},
  {text::no_message,
   {"no such message, the last is {}", "không có thư này, thư cuối cùng là số {}",
    "没有此邮件，最后一封为 {}"}},
  {text::is_deleted, {"message {} is deleted", "thư {} đã bị xóa", "邮件 {} 已删除"}},
  {text::deleted, {"message {} deleted", "đã xóa thư {}", "已删除邮件 {}"}},
  {text::octets, {"{} octets", "{} octet", "{} 字节"}},
  {text::top, {"top of message follows", "phần đầu của thư", "邮件开头如下"}},
  {text::unique_ids, {"unique-ids follow", "danh sách mã định danh", "唯一标识列表如下"}},
  {text::noop, {"still here", "vẫn kết nối", "仍在线"}},
  {text::needs_utf8,
   {"this message needs UTF8 mode: UTF8 before the login",
    "thư này cần chế độ UTF8: gửi UTF8 trước khi đăng nhập",
    "此邮件需要 UTF8 模式：请在登录前发送 UTF8"}},
  {text::unreadable,
   {"the message cannot be read now, try again later", "hiện chưa đọc được thư, hãy thử lại sau",
    "暂时无法读取该邮件，请稍后再试"}},
  {text::damaged,
   {"the message is damaged in the store, ask the administrator",
    "thư bị hỏng trong kho lưu trữ, hãy liên hệ quản trị viên",
    "存储中的邮件已损坏，请联系管理员"}},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (static_cast<std::size_t>(table[i].which) != i)
      return false;
  return std::size(table) == static_cast<std::size_t>(text::count_);
}
static_assert(is_in_order(), "the table is indexed by text");

} // namespace

const language_listing* language_for(std::string_view range) {
  while (!range.empty()) {
    for (auto& x : all_languages)
      if (ascii::same_word(x.tag, range))
        return &x;
    // RFC 4647 §3.4: shorter from the end, and a single letter goes with what it introduced.
    range = range.substr(0, range.rfind('-') == range.npos ? 0 : range.rfind('-'));
    if (range.size() >= 2 && range[range.size() - 2] == '-')
      range.remove_suffix(2);
  }
  return nullptr;
}

std::string say(text which, language in, std::initializer_list<std::string_view> values) {
  auto pattern = table[static_cast<std::size_t>(which)].in[static_cast<std::size_t>(in)];
  std::string out;
  for (auto value : values) {
    auto gap = pattern.find("{}");
    if (gap == pattern.npos)
      break; // a sentence need not use what it is offered
    out.append(pattern.substr(0, gap)).append(value);
    pattern.remove_prefix(gap + 2);
  }
  return out.append(pattern);
}

} // namespace hamlet::pop3
