// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hamlet::admin {

/// Answers one ServerReflectionRequest with one ServerReflectionResponse, both encoded. Knows what
/// clients may call, and the types of that; nothing else of the program. Any thread.
std::string reflect(std::string_view request);

} // namespace hamlet::admin
