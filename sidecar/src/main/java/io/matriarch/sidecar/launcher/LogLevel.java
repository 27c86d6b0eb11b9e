package io.matriarch.sidecar.launcher;

import java.util.List;
import java.util.Set;

/**
 * How much is logged: a process that lives tells its story, a command that a person waits for says
 * only what is wrong.
 *
 * <p>It must be settled before the first logger exists, so it looks at the bare arguments.
 */
enum LogLevel {
    STORY("INFO", "ERROR"),
    TROUBLE("WARN", "ERROR"),
    EVERYTHING("DEBUG", "INFO");

    private static final Set<String> PROCESSES = Set.of("sidecar", "ambassador");
    private static final Set<String> LOCAL_PROCESSES = Set.of("keep", "zookeeper");

    private static volatile LogLevel settled = STORY;

    private final String own;
    private final String thirdParty;

    LogLevel(String own, String thirdParty) {
        this.own = own;
        this.thirdParty = thirdParty;
    }

    static LogLevel forArguments(String... arguments) {
        if (List.of(arguments).contains(Matriarch.DEBUG)) {
            return EVERYTHING;
        }
        return isProcess(List.of(arguments)) ? STORY : TROUBLE;
    }

    private static boolean isProcess(List<String> arguments) {
        if (arguments.isEmpty()) {
            return false;
        }
        return arguments.getFirst().equals("local")
                ? arguments.size() > 1 && LOCAL_PROCESSES.contains(arguments.get(1))
                : PROCESSES.contains(arguments.getFirst());
    }

    /** What {@link LogSetup} will find when the first logger is asked for. */
    void settle() {
        settled = this;
    }

    static LogLevel settled() {
        return settled;
    }

    String own() {
        return own;
    }

    String thirdParty() {
        return thirdParty;
    }
}
