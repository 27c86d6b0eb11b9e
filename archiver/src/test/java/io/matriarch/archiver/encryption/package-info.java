@NullMarked
package io.matriarch.archiver.encryption;

import org.jspecify.annotations.NullMarked;
