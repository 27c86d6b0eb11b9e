package io.matriarch.sidecar.configuration;

/**
 * The configuration cannot be used; the message says where, what was found and what is expected.
 */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
