package io.matriarch.tidy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.MethodCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may use whom. What is said in {@code docs/ARCHITECTURE.md} is checked here. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchitectureTest {

    /**
     * The packages without I/O, clock, chance or threads: what they say depends on what they are
     * told.
     */
    private static final String[] PURE = {
        "io.matriarch.postgres",
        "io.matriarch.archiver.repository",
        "io.matriarch.archiver.retention",
        "io.matriarch.elector.situation",
        "io.matriarch.elector.decision",
        "io.matriarch.elector.assignment",
        "io.matriarch.ambassador.view",
        "io.matriarch.ambassador.core",
    };

    /** The pure packages that hold values and functions; the ambassador's core also keeps count. */
    private static final String[] VALUES = {
        "io.matriarch.postgres",
        "io.matriarch.elector.situation",
        "io.matriarch.elector.decision",
        "io.matriarch.elector.assignment",
        "io.matriarch.ambassador.view",
    };

    private static final Set<String> TIME_AND_CHANCE =
            Set.of(
                    "now",
                    "nanoTime",
                    "currentTimeMillis",
                    "random",
                    "randomUUID",
                    "getenv",
                    "getProperty");

    private static JavaClasses house = new ClassFileImporter().importPackages("io.matriarch.none");

    @BeforeAll
    static void read() {
        house =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(location -> !location.contains("-tests.jar"))
                        .importPackages("io.matriarch");
    }

    @Test
    void all_modules_are_seen() {
        List<String> modules =
                house.stream()
                        .map(type -> type.getPackageName().split("\\.", -1)[2])
                        .distinct()
                        .toList();

        assertThat(modules).contains("postgres", "archiver", "elector", "cli", "sidecar", "local");
    }

    /** The order of the modules, from below; {@code local} is a part of the module sidecar. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    io.matriarch.postgres..,   io.matriarch.postgres..
                    io.matriarch.archiver..,   io.matriarch.postgres..|io.matriarch.archiver..
                    io.matriarch.elector..,    io.matriarch.postgres..|io.matriarch.archiver..|io.matriarch.elector..
                    io.matriarch.ambassador.., io.matriarch.postgres..|io.matriarch.elector..|io.matriarch.ambassador..
                    io.matriarch.cli..,        io.matriarch.postgres..|io.matriarch.archiver..|io.matriarch.elector..|io.matriarch.cli..
                    """)
    void a_module_uses_only_those_below_it(String module, String allowed) {
        noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.matriarch..")
                                .and(
                                        DescribedPredicate.not(
                                                resideInAnyPackage(allowed.split("\\|", -1)))))
                .allowEmptyShould(true)
                .check(house);
    }

    /** The ambassador reads the cluster's state; it must not be able to change it. */
    @Test
    void the_ambassador_cannot_act_on_the_cluster() {
        noClasses()
                .that()
                .resideInAPackage("io.matriarch.ambassador..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.matriarch.elector.enactment..",
                        "io.matriarch.elector.member..",
                        "io.matriarch.elector.decision..",
                        "io.matriarch.elector.control..")
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void the_supervisor_is_reached_only_through_the_elector() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.matriarch.elector..", "io.matriarch.sidecar..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.matriarch.elector.control..")
                .allowEmptyShould(true)
                .check(house);
    }

    /**
     * A library of the outside is touched in one place, so that its types and failures stay there.
     */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    software.amazon.awssdk..,  io.matriarch.archiver.store.s3..|io.matriarch.archiver.encryption..
                    com.exceptionfactory.jagged.., io.matriarch.archiver.encryption..
                    org.apache.curator..,      io.matriarch.elector.cluster..
                    org.apache.zookeeper..,    io.matriarch.elector.cluster..|io.matriarch.local..
                    java.sql..|org.postgresql.., io.matriarch.postgres.sql..|io.matriarch.local..|io.matriarch.workload..|io.matriarch.outside..|io.matriarch.demo..|io.matriarch.failover..
                    io.netty..,                io.matriarch.ambassador.relay..|io.matriarch.sidecar..
                    io.micronaut..,            io.matriarch.sidecar..
                    jakarta.inject..,          io.matriarch.sidecar..
                    picocli..,                 io.matriarch.cli..|io.matriarch.sidecar..|io.matriarch.local..
                    com.github.luben.zstd..,   io.matriarch.archiver..
                    """)
    void a_library_is_used_in_its_place_only(String library, String places) {
        noClasses()
                .that()
                .resideInAPackage("io.matriarch..")
                .and()
                .resideOutsideOfPackages(places.split("\\|", -1))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library.split("\\|", -1))
                .check(house);
    }

    @Test
    void pure_packages_do_no_input_or_output_and_know_no_threads() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                        "java.io..",
                                        "java.nio.file..",
                                        "java.nio.channels..",
                                        "java.net..",
                                        "java.sql..",
                                        "java.util.concurrent..",
                                        "java.util.random..")
                                .and(DescribedPredicate.not(plainValue()))
                                .or(
                                        named(
                                                "java.lang.Thread",
                                                "java.util.Random",
                                                "java.time.Clock")))
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void pure_packages_are_told_the_time_and_leave_nothing_to_chance() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethodWhere(
                        new DescribedPredicate<JavaCall<?>>(
                                "it asks for time, chance or environment") {
                            @Override
                            public boolean test(JavaCall<?> call) {
                                return call.getTarget() instanceof MethodCallTarget target
                                        && target.getOwner().getPackageName().startsWith("java.")
                                        && TIME_AND_CHANCE.contains(target.getName());
                            }
                        })
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void values_do_not_change() {
        classes()
                .that()
                .resideInAnyPackage(VALUES)
                .should()
                .haveOnlyFinalFields()
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void packages_of_a_module_do_not_go_in_circles() {
        slices().matching("io.matriarch.(*).(*)..").should().beFreeOfCycles().check(house);
    }

    /** Exceptions that a signature names are values here, not acts. */
    private static DescribedPredicate<JavaClass> plainValue() {
        return named(
                "java.io.Serializable",
                "java.io.IOException",
                "java.io.UncheckedIOException",
                "java.io.ObjectStreamException",
                "java.io.ByteArrayOutputStream",
                "java.net.URI",
                "java.util.concurrent.TimeUnit");
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        return new DescribedPredicate<>("is one of " + List.of(names)) {
            @Override
            public boolean test(JavaClass type) {
                return List.of(names).contains(type.getName());
            }
        };
    }
}
