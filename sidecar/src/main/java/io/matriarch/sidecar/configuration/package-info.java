/**
 * The YAML file that a process is configured with: read as a whole, refused as a whole, every value
 * by its path.
 *
 * <p>No defaults of the modules are repeated here, and nothing is opened or started.
 */
@NullMarked
package io.matriarch.sidecar.configuration;

import org.jspecify.annotations.NullMarked;
