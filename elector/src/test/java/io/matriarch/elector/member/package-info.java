@NullMarked
package io.matriarch.elector.member;

import org.jspecify.annotations.NullMarked;
