package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.BucketOptions;
import io.matriarch.archiver.store.BucketOptions.Checksums;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileLocation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Builds the SDK's client from our settings. */
final class S3Connection {

    private static final int CONNECTIONS = 64;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

    private S3Connection() {}

    static S3Client open(StoreLocation.Bucket bucket, StoreSettings settings) {
        BucketOptions options = bucket.options();
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClientBuilder(http(options, settings))
                        .forcePathStyle(options.isPathStyle())
                        // One class tries again, under one deadline: Retry.
                        .overrideConfiguration(o -> {
                            o.retryStrategy(DefaultRetryStrategy.doNotRetry())
                                    .apiCallTimeout(settings.attemptTimeout());
                            options.profile().ifPresent(o::defaultProfileName);
                        });
        identify(builder, options, settings);
        options.endpoint().ifPresent(builder::endpointOverride);
        options.region().map(Region::of).ifPresent(builder::region);
        if (options.endpoint().isPresent() && options.region().isEmpty()) {
            // Servers other than Amazon's take any region, but a signature needs one.
            builder.region(Region.US_EAST_1);
        }
        protect(builder, options);
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw inProfiles(e);
        }
    }

    /** The SDK reads the profiles' files even if nothing in them is needed, and names neither. */
    private static IllegalArgumentException inProfiles(IllegalArgumentException wrong) {
        try {
            ProfileFile _ = ProfileFile.defaultProfileFile();
            return wrong;
        } catch (IllegalArgumentException e) {
            return new IllegalArgumentException(
                    "AWS profiles in "
                            + ProfileFileLocation.configurationFilePath()
                            + " or "
                            + ProfileFileLocation.credentialsFilePath()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private static Apache5HttpClient.Builder http(BucketOptions options, StoreSettings settings) {
        Duration silence =
                settings.attemptTimeout().compareTo(LONGEST_SILENCE) < 0
                        ? settings.attemptTimeout()
                        : LONGEST_SILENCE;
        Apache5HttpClient.Builder http =
                Apache5HttpClient.builder()
                        .maxConnections(CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .connectionAcquisitionTimeout(LONGEST_SILENCE)
                        .socketTimeout(silence)
                        .tcpKeepAlive(true);
        Optional<TrustManager[]> trusted = options.caFile().map(TrustedFile::read);
        trusted.ifPresent(managers -> http.tlsTrustManagersProvider(() -> managers));
        return http;
    }

    /** The SDK's chain also knows web identities, profiles and the roles that these assume. */
    private static void identify(
            S3ClientBuilder builder, BucketOptions options, StoreSettings settings) {
        if (settings.credentials().isPresent()) {
            builder.credentialsProvider(
                    StaticCredentialsProvider.create(sdkCredentials(settings.credentials().get())));
        } else if (options.profile().isPresent()) {
            builder.credentialsProvider(
                    DefaultCredentialsProvider.builder()
                            .profileName(options.profile().get())
                            .build());
        }
    }

    /**
     * Many other servers refuse the checksums that the SDK adds by itself, and want Content-MD5
     * where Amazon takes either.
     */
    private static void protect(S3ClientBuilder builder, BucketOptions options) {
        switch (checksums(options)) {
            case WHEN_REQUIRED ->
                    builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                            .addPlugin(LegacyMd5Plugin.create());
            case WHEN_SUPPORTED ->
                    builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_SUPPORTED)
                            .responseChecksumValidation(ResponseChecksumValidation.WHEN_SUPPORTED);
        }
    }

    static Checksums checksums(BucketOptions options) {
        Checksums usual =
                options.endpoint().isPresent() ? Checksums.WHEN_REQUIRED : Checksums.WHEN_SUPPORTED;
        return options.checksums().orElse(usual);
    }

    private static AwsCredentials sdkCredentials(StoreCredentials credentials) {
        String secret = credentials.secretAccessKey().reveal();
        return credentials
                .sessionToken()
                .<AwsCredentials>map(token ->
                        AwsSessionCredentials.create(
                                credentials.accessKeyId(), secret, token.reveal()))
                .orElseGet(() -> AwsBasicCredentials.create(credentials.accessKeyId(), secret));
    }
}
