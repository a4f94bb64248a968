//! A bad line in front of the service: it forwards requests, and breaks, cuts or holds them where it is told
//! to. What a client can know after that is little; the service behind it knows what really arrived.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::Service;

/// How long `wait_for` waits before it says no.
const PATIENCE: Duration = Duration::from_secs(20);

/// A moment in the life of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The connection is accepted, nothing is read.
    Accepted,
    /// The head of the request is read.
    Head,
    /// Half of its body is read.
    HalfBody,
    /// All of it is read; the service has not seen it.
    Body,
    /// The service has answered; the client has not seen it.
    Forwarded,
    /// The head of the answer and half of its body are written.
    HalfAnswer,
    /// All of the answer is written.
    Answered,
}

/// What happens to a request at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The connection is reset.
    Reset,
    /// The connection is closed in good order.
    Close,
    /// Nothing happens any more, until the line itself ends.
    Hold,
}

/// What the line does with one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Forwards the request and the answer.
    Forward,
    /// Forwards them up to a point.
    Break(Point, End),
    /// Reads the request, keeps it, and answers these bytes.
    Answer(Vec<u8>),
    /// Forwards, and gives the answer byte by byte.
    Drip,
    /// Forwards, and gives all of the answer but its last byte, until the line itself ends.
    HoldLastByte,
}

/// A running line. It ends when dropped, and all that it holds with it.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    log: Arc<Log>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Log {
    points: Mutex<Vec<Point>>,
    grown: Condvar,
}

impl Log {
    fn points(&self) -> MutexGuard<'_, Vec<Point>> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reach(&self, point: Point) {
        self.points().push(point);
        self.grown.notify_all();
    }
}

impl Line {
    /// Starts a line to `service` on a free port of the loopback address. The first connection gets the first
    /// act, and so on; when the acts are used up, everything is forwarded.
    ///
    /// # Errors
    /// If no port can be had or no thread started.
    pub fn to(service: &Service, acts: Vec<Act>) -> io::Result<Self> {
        let target = service.address;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let log = Arc::new(Log::default());
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let log_of_thread = Arc::clone(&log);
        let thread = std::thread::Builder::new().name("bad line".to_owned()).spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    _ = accept(listener, target, acts.into(), log_of_thread) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, log, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL to give to the client.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The points that requests have reached so far.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        self.log.points().clone()
    }

    /// Waits until `times` requests have reached `point`; says whether they did within twenty seconds.
    #[must_use]
    pub fn wait_for(&self, point: Point, times: usize) -> bool {
        let reached =
            |points: &Vec<Point>| points.iter().filter(|reached| **reached == point).count() >= times;
        let (points, _) = self
            .log
            .grown
            .wait_timeout_while(self.log.points(), PATIENCE, |points| !reached(points))
            .unwrap_or_else(PoisonError::into_inner);
        reached(&points)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody listens if the line has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(
    listener: std::net::TcpListener,
    target: SocketAddr,
    mut acts: VecDeque<Act>,
    log: Arc<Log>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (client, _) = listener.accept().await?;
        let act = acts.pop_front().unwrap_or(Act::Forward);
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            // An error is a client that has gone, which is what many tests want to see.
            let _ = Connection { client, act, log }.serve(target).await;
        });
    }
}

struct Connection {
    client: TcpStream,
    act: Act,
    log: Arc<Log>,
}

/// The request ends here, as it was told to.
struct Ended;

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Connection {
    async fn serve(mut self, target: SocketAddr) -> Result<(), Ended> {
        self.reach(Point::Accepted).await?;
        let mut request = read_head(&mut self.client).await?;
        let head = request.head;
        self.reach(Point::Head).await?;
        request.read_to(&mut self.client, head + request.body / 2).await?;
        self.reach(Point::HalfBody).await?;
        request.read_to(&mut self.client, head + request.body).await?;
        self.reach(Point::Body).await?;
        if let Act::Answer(bytes) = &self.act {
            self.client.write_all(bytes).await?;
            self.client.shutdown().await?;
            return Ok(());
        }

        let mut service = TcpStream::connect(target).await?;
        service.write_all(&request.bytes).await?;
        let mut answer = read_head(&mut service).await?;
        answer.read_to(&mut service, answer.head + answer.body).await?;
        self.reach(Point::Forwarded).await?;
        let half = answer.head + answer.body / 2;
        if self.act == Act::HoldLastByte {
            let all_but_one = answer.bytes.len().saturating_sub(1);
            self.client.write_all(&answer.bytes[..all_but_one]).await?;
            self.client.flush().await?;
            self.reach(Point::HalfAnswer).await?;
            return std::future::pending().await;
        }
        if self.act == Act::Drip {
            self.client.set_nodelay(true)?;
            for byte in &answer.bytes {
                self.client.write_all(&[*byte]).await?;
                tokio::task::yield_now().await;
            }
        } else {
            self.client.write_all(&answer.bytes[..half]).await?;
            self.client.flush().await?;
            self.reach(Point::HalfAnswer).await?;
            self.client.write_all(&answer.bytes[half..]).await?;
        }
        self.reach(Point::Answered).await?;
        self.client.shutdown().await?;
        Ok(())
    }

    /// Notes the point, and ends here if that is the act.
    async fn reach(&mut self, point: Point) -> Result<(), Ended> {
        self.log.reach(point);
        let Act::Break(at, end) = &self.act else { return Ok(()) };
        if *at != point {
            return Ok(());
        }
        match end {
            End::Reset => self.client.set_zero_linger()?,
            End::Close => self.client.shutdown().await?,
            End::Hold => std::future::pending().await,
        }
        Err(Ended)
    }
}

/// A request or an answer as far as it is read.
struct Message {
    bytes: Vec<u8>,
    /// Bytes of the head, with the empty line.
    head: usize,
    /// Bytes of the body, as the head announces them.
    body: usize,
}

async fn read_head(stream: &mut TcpStream) -> io::Result<Message> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(END.len()).position(|window| window == END) {
            break at + END.len();
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let body = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    Ok(Message { bytes, head, body })
}

impl Message {
    async fn read_to(&mut self, stream: &mut TcpStream, length: usize) -> io::Result<()> {
        while self.bytes.len() < length {
            if stream.read_buf(&mut self.bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}
