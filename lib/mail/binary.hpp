// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::mail {

/// Makes text of a message that came as BODY=BINARYMIME, for those who cannot take it so
/// (RFC 3030 §3): leaf parts in the encoding "binary", or with lines that text may not have,
/// become base64, a composite part that says "binary" says "8bit"; all else stays byte for byte.
/// nullopt: a header, a delimiter or a part that may not be encoded holds what text may not hold,
/// or the message is beyond the limits of walk_mime().
std::optional<std::string> to_text(std::string_view message);

} // namespace hamlet::mail
