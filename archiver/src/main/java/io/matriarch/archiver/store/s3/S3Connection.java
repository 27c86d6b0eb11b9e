package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Builds the SDK's client from our settings. */
final class S3Connection {

    private static final int CONNECTIONS = 64;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

    private S3Connection() {}

    static S3Client open(StoreLocation.Bucket bucket, StoreSettings settings) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClientBuilder(
                                Apache5HttpClient.builder()
                                        .maxConnections(CONNECTIONS)
                                        .connectionTimeout(CONNECT_TIMEOUT)
                                        .connectionAcquisitionTimeout(SOCKET_TIMEOUT)
                                        .socketTimeout(SOCKET_TIMEOUT)
                                        .tcpKeepAlive(true))
                        .forcePathStyle(bucket.isPathStyle())
                        // One class tries again, under one deadline: Retry.
                        .overrideConfiguration(o ->
                                o.retryStrategy(DefaultRetryStrategy.doNotRetry())
                                        .apiCallTimeout(settings.attemptTimeout()));
        settings.credentials()
                .map(S3Connection::sdkCredentials)
                .map(StaticCredentialsProvider::create)
                .ifPresent(builder::credentialsProvider);
        bucket.endpoint().ifPresent(endpoint -> towards(builder, endpoint));
        bucket.region().map(Region::of).ifPresent(builder::region);
        if (bucket.endpoint().isPresent() && bucket.region().isEmpty()) {
            // Servers other than Amazon's take any region, but a signature needs one.
            builder.region(Region.US_EAST_1);
        }
        return builder.build();
    }

    /**
     * Many other servers refuse the checksums that the SDK adds by itself, and want Content-MD5.
     */
    private static void towards(S3ClientBuilder builder, URI endpoint) {
        builder.endpointOverride(endpoint)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .addPlugin(LegacyMd5Plugin.create());
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
