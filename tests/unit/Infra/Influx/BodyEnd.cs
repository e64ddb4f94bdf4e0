namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>What comes behind the last byte of a <see cref="FakeBody"/>.</summary>
public enum BodyEnd
{
    Whole,
    BreaksOff,
    Stalls,
}
