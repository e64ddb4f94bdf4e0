using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Tests.Unit.Infra.Telemetry;

public sealed class HealthAnswersTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly StreamStatus status = new("processors");
    private readonly HealthAnswers answers;

    public HealthAnswersTests()
    {
        answers = new HealthAnswers([status], time);
        status.Progress.BeginLife();
        status.Progress.MarkAlive(time.GetTimestamp());
    }

    public void Dispose() => status.Dispose();

    [Fact]
    public void A_loop_that_shows_no_sign_of_life_for_too_long_is_not_live()
    {
        Assert.Equal(HttpStatusCode.OK, answers.Answer("/live").Code);
        time.Advance(HealthAnswers.AliveWithin - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, answers.Answer("/live").Code);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answers.Answer("/live").Code);
        status.Progress.MarkAlive(time.GetTimestamp());
        Assert.Equal(HttpStatusCode.OK, answers.Answer("/live").Code);
    }

    [Fact]
    public void A_loop_that_restores_is_live_and_not_ready()
    {
        status.Progress.BeginRestore(10);
        Assert.Equal(HttpStatusCode.OK, answers.Answer("/live").Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answers.Answer("/ready").Code);
    }

    [Fact]
    public void A_loop_that_hangs_is_not_ready_either()
    {
        status.Progress.SetReady(true);
        Assert.Equal(HttpStatusCode.OK, answers.Answer("/ready").Code);
        time.Advance(HealthAnswers.AliveWithin);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answers.Answer("/ready").Code);
    }

    [Fact]
    public void All_services_of_a_process_have_to_be_ready()
    {
        using StreamStatus other = new("other");
        status.Progress.SetReady(true);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, new HealthAnswers([status, other], time).Answer("/ready").Code);
    }

    [Fact]
    public void The_status_tells_counters_restore_progress_restarts_and_limits()
    {
        status.Progress.BeginRestore(10);
        status.Progress.CountRestored();
        status.SetPartitions(4);
        status.SetLag(7);
        status.CountInput();
        status.CountRestart(RestartReason.TimeoutUnknownOutcome);
        status.CountLimit(StreamLimit.ProducerQueue);
        time.Advance(TimeSpan.FromSeconds(3));
        JsonNode service = JsonNode.Parse(answers.Answer("/status").Body)![0]!;
        Assert.Equal("processors", (string?)service["service"]);
        Assert.Equal(4, (long)service["partitions"]!);
        Assert.Equal(7, (long)service["lag"]!);
        Assert.Equal(3, (double)service["seconds_since_alive"]!);
        Assert.Equal("""{"active":true,"records_done":1,"records_total":10}""", service["restore"]!.ToJsonString());
        Assert.Equal(1, (long)service["counters"]!["records_in"]!);
        Assert.Equal(1, (long)service["restarts"]!["timeout-unknown-outcome"]!);
        Assert.Equal(0, (long)service["restarts"]!["fenced"]!);
        Assert.Equal(1, (long)service["limits_reached"]!["producer-queue"]!);
    }

    [Fact]
    public void Another_path_is_not_found() => Assert.Equal(HttpStatusCode.NotFound, answers.Answer("/").Code);
}
