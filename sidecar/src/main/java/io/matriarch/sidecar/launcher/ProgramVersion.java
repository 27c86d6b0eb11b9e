package io.matriarch.sidecar.launcher;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar's manifest. */
public final class ProgramVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"matriarch " + text() + ", Java " + Runtime.version()};
    }

    /** The version alone, or {@code development} when run from the classes of a build. */
    public static String text() {
        String version = ProgramVersion.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
