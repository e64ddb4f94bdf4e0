using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Tests.Unit.Schemas.Validation;

public sealed class FunctionValidatorTests
{
    private static readonly RecordContext Context = new("f", Samples.Time);

    public static TheoryData<string, Action<Invocation>> Broken => new()
    {
        { "id is empty", v => v.Id = "" },
        { "function 'g' is not the record's key", v => v.Function = "g" },
        { "tenant is empty", v => v.Tenant = "" },
        { "time_unix_ms 0 is before 2000-01-01: Unix milliseconds are wanted", v => v.TimeUnixMs = 0 },
        { "memory_bytes is 0; 1 to 26388279066624 is allowed", v => v.MemoryBytes = 0 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_invocation_is_refused_with_the_field(string expected, Action<Invocation> breakIt)
    {
        Invocation invocation = Samples.Invocation();
        breakIt(invocation);
        Assert.Equal(expected, FunctionValidator.Check(invocation, Context));
    }

    [Fact]
    public void A_valid_invocation_passes() => Assert.Null(FunctionValidator.Check(Samples.Invocation(), Context));

    [Fact]
    public void A_rejection_needs_its_code_and_a_dispatch_its_vm()
    {
        Dispatch answer = new() { InvocationId = "f-1", Function = "f", Tenant = "t", Outcome = Dispatch.Types.Outcome.Rejected };
        Assert.Equal("reject_code is empty", FunctionValidator.Check(answer, Context));
        answer.Outcome = Dispatch.Types.Outcome.Dispatched;
        Assert.Equal("vm is empty", FunctionValidator.Check(answer, Context));
        answer.Outcome = Dispatch.Types.Outcome.Unspecified;
        Assert.Equal("outcome Unspecified is unknown", FunctionValidator.Check(answer, Context));
    }

    [Fact]
    public void A_drain_is_of_the_VM_that_it_is_filed_under()
    {
        VmDrain drain = new() { Vm = "v", Draining = true };
        Assert.Null(VmDrainValidator.Check(drain, new RecordContext("v", 0)));
        Assert.Equal("vm 'v' is not the record's key", VmDrainValidator.Check(drain, new RecordContext("w", 0)));
        drain.Reason = new string('x', 1001);
        Assert.StartsWith("reason has 1001 characters", VmDrainValidator.Check(drain, new RecordContext("v", 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_completion_needs_a_finite_wall_time()
    {
        Completion completion = new() { InvocationId = "f-1", Function = "f", Vm = "v", TimeUnixMs = Samples.Time, WallMs = double.NaN, Outcome = Completion.Types.Outcome.Succeeded };
        Assert.StartsWith("wall_ms is NaN", FunctionValidator.Check(completion, Context), StringComparison.Ordinal);
    }
}
