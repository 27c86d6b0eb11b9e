/** What the configuration file may say. */
@NullMarked
package io.matriarch.sidecar.configuration;

import org.jspecify.annotations.NullMarked;
