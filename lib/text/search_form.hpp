// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::text {

/// The form in which texts are searched: without case (full case folding), without accents and
/// other non-spacing marks, with compatibility forms as the ordinary ones. Words that differ in
/// nothing else have the same form. It is for comparing, not for showing.
std::string search_form(std::string_view text);

} // namespace hamlet::text
